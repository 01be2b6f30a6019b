import { expect, test } from 'vitest';
import { limits, parseYaml } from '../../src/definition/yaml.ts';
import { tell } from './support-runbook.ts';

test.each([
  ['an unclosed list', 'a: [1', ['yaml-syntax 1:6']],
  ['a tab for indentation', 'a:\n\tb: 1', ['yaml-syntax 2:1']],
  ['an unclosed text', 'a: "x', ['yaml-syntax 1:6']],
  ['a tag', 'a: !run x', ['yaml-syntax 1:4']],
  ['a tag of YAML 1.1', 'a: !!binary x', ['yaml-syntax 1:4']],
  ['YAML 1.1', '%YAML 1.1\n---\na: yes', ['yaml-syntax 1:1']],
  ['a second document', 'a: 1\n---\nb: 2', ['yaml-syntax 3:1']],
  ['an alias to nothing', 'a: *b', ['yaml-syntax 1:4']],
  ['an alias inside of what it names', 'a: &a [*a]', ['too-many-aliases 1:8']],
  ['a key twice', 'a: 1\nb: 2\n"a": 3', ['duplicate-key 3:1']],
  ['a key twice, deep', 'a: { b: 1, c: 2, b: 3 }', ['duplicate-key 1:18']],
  ['a list for a key', '? [a]\n: 1', ['yaml-syntax 1:3']],
  ['a key that reaches the prototype', '__proto__: { a: 1 }', ['yaml-syntax 1:1']],
])('%s is told with its place', (_name, text, problems) => {
  expect(tell(parseYaml(text).problems)).toEqual(problems);
});

test('values are those of YAML 1.2', () => {
  expect(parseYaml('a: yes\nb: 0o10\nc: 2025-10-15\nd: null\ne: 1.10\n<<: x').value).toEqual({
    a: 'yes',
    b: 8,
    c: '2025-10-15',
    d: null,
    e: 1.1,
    '<<': 'x',
  });
});

test('every value and key has its place, quoted, folded or behind an alias', () => {
  const text = 'a: &x { b: "q" }\nlist:\n  - one\n  - *x\ntext: |\n  first\n  second\n';
  const { value, source } = parseYaml(text);
  const top = value as { a: object; list: [string, object]; text: string };
  expect(source.value(top.a, 'b')).toEqual({ path: 'a.b', position: { line: 1, column: 12 }, length: 3 });
  expect(source.key(top, 'list')).toEqual({ path: 'list', position: { line: 2, column: 1 }, length: 4 });
  expect(source.value(top.list, 0)).toEqual({ path: 'list[0]', position: { line: 3, column: 5 }, length: 3 });
  expect(source.value(top.list, 1)).toEqual({ path: 'list[1]', position: { line: 4, column: 5 }, length: 2 });
  expect(source.value(top.list[1], 'b').path).toBe('list[1].b');
  expect(source.within(top, 'text', { index: 6, length: 6 })).toEqual({
    path: 'text',
    position: { line: 7, column: 3 },
    length: 6,
  });
});

test('a scalar is known as it is written', () => {
  const { value, source } = parseYaml('a: 1.10\nb: [0x10]');
  const top = value as { b: object };
  expect([source.written(top, 'a'), source.written(top.b, 0)]).toEqual(['1.10', '0x10']);
});

const bomb = ['a: &a [1,1,1,1,1,1,1,1,1,1]']
  .concat(
    Array.from(
      'bcdefghij',
      (name, index) =>
        `${name}: &${name} [${Array(10)
          .fill(`*${'abcdefghij'.charAt(index)}`)
          .join(',')}]`,
    ),
  )
  .join('\n');

test.each([
  ['a file over 1 MiB', 'a'.repeat(limits.sizeBytes + 1), 'too-large', '1 MiB'],
  ['a file over 1 MiB in bytes', 'ä'.repeat(limits.sizeBytes / 2 + 1), 'too-large', '1048576 bytes'],
  ['a file of too many parts', '- a\n'.repeat(200_000), 'too-large', '200000'],
  ['brackets without end', '['.repeat(90_000), 'too-deep', '64'],
  ['lists in lists', '- '.repeat(90_000), 'too-deep', '64'],
  ['maps in maps', Array.from({ length: 70 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'), 'too-deep', '64'],
  ['a billion laughs', bomb, 'too-many-aliases', '10000'],
])('%s is refused at once, with the limit', (_name, text, code, limit) => {
  const [problem, ...more] = parseYaml(text).problems;
  expect(problem?.code).toBe(code);
  expect(problem?.message).toContain(limit);
  expect(more).toEqual([]);
});

test('as deep as allowed is allowed', () => {
  expect(parseYaml('['.repeat(limits.depth) + ']'.repeat(limits.depth)).problems).toEqual([]);
});

test('a large file of many keys is read in reasonable time', () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `key-${index}: ${index}`).join('\n');
  const startedAt = performance.now();
  expect(parseYaml(text).problems).toEqual([]);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
