import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shellPrograms } from '../../src/definition/shell-programs.ts';

const names = (script: string) => shellPrograms(script).uses.map(({ name }) => name);

describe('the programs a script starts', () => {
  test.each([
    [
      'words and separators',
      'git status; rm -rf x && mv a b || ls & sort | uniq',
      ['git', 'rm', 'mv', 'ls', 'sort', 'uniq'],
    ],
    ['builtins are none', 'cd x; echo hi; [ -e y ]; test -e y; export A=1; read -r z', []],
    ['quotes hide', 'echo \'rm; git\' "a; b" \\; git', []],
    ['comments hide', 'git status # rm -rf\n# mv\nls', ['git', 'ls']],
    ['a hash within a word is none', 'curl http://x/#rm', ['curl']],
    ['substitutions', 'test "$(git rev-parse HEAD)" = "$(cat "$(ls)")" && x=`date`', ['git', 'ls', 'cat', 'date']],
    ['a default that is a substitution', 'echo "${A:-$(hostname)}"', ['hostname']],
    ['process substitution', 'diff <(sort a) <(sort b)', ['sort', 'sort', 'diff']],
    ['arithmetic is none', 'echo $((a * b)); (( a > b )); tries=$((tries - 1))', []],
    ['assignments before a command', 'A=1 B="x y" docker ps', ['docker']],
    ['arrays', 'files=(rm mv)\nls "${files[@]}"', ['ls']],
    ['keywords', 'if ! grep x y; then cp a b; elif cmp a b; then :; else rm a; fi', ['grep', 'cp', 'cmp', 'rm']],
    ['loops', 'for f in rm mv; do cat "$f"; done; until curl x; do sleep 1; done', ['cat', 'curl', 'sleep']],
    [
      'case',
      'case "$x" in\n rm) git pull ;;\n (a | mv) ls;; # rm)\n *) cat y\nesac\ncp a b',
      ['git', 'ls', 'cat', 'cp'],
    ],
    ['case within a substitution', 'x=$(case a in a) date;; esac); ls', ['date', 'ls']],
    ['functions', 'f() { git pull; }\nfunction g { ls; }\nf; g', ['git', 'ls']],
    ['groups and subshells', '{ git pull; } && ( cd x && make )', ['git', 'make']],
    ['tests', '[[ $a =~ ^(rm|mv)$ && -n $b ]] && ls', ['ls']],
    [
      'redirections',
      'docker ps > out 2>&1 < in; cat <<< rm; make &> log; 2>/dev/null git x',
      ['docker', 'cat', 'make', 'git'],
    ],
    ['heredocs', "cat <<'EOF'\nrm -rf x\nEOF\ncat <<-END | sort\n\tmv a\n\tEND\nls", ['cat', 'cat', 'sort', 'ls']],
    ['line continuation', 'docker run \\\n  rm x', ['docker']],
    [
      'wrappers',
      'sudo -u rob env A=1 nice -n 5 make; timeout -k 5 10 curl x; xargs -n 1 rm; exec node x',
      ['sudo', 'env', 'nice', 'make', 'timeout', 'curl', 'xargs', 'rm', 'node'],
    ],
    [
      'scripts in arguments',
      "bash -c 'git pull'; trap 'docker rm x' EXIT; eval 'make all'",
      ['bash', 'git', 'docker', 'make'],
    ],
    ['what runs elsewhere is not taken apart', "ssh host 'rm x'; docker exec a sh -c 'mv b c'", ['ssh', 'docker']],
    ['what is computed stays as written', '"$TOOL" x; ${OTHER} y; $(which z) a', ['$TOOL', '${OTHER}', 'which']],
  ])('%s', (_, script, expected) => {
    expect(names(script).toSorted()).toEqual([...expected].toSorted());
  });

  test('tells arguments, what is looked for, functions, and a changed PATH', () => {
    const read = shellPrograms('shop() { git add .; }\ncommand -v gh || type -p jq\ngit restore --source="$X" -- a');
    expect(read.uses.map(({ words }) => words)).toEqual([
      ['git', 'add', '.'],
      ['git', 'restore', '--source=$X', '--', 'a'],
    ]);
    expect([...read.lookedFor]).toEqual(['gh', 'jq']);
    expect([...read.functions]).toEqual(['shop']);
    expect(read.changesPath).toBe(false);
    for (const script of [
      'eval "$(conda shell.bash hook)"',
      '. ./env',
      'source env',
      'export PATH=/x:$PATH',
      'PATH=/x',
    ])
      expect([script, shellPrograms(script).changesPath]).toEqual([script, true]);
  });

  test('never throws or hangs, whatever the text', () => {
    const piece = fc.constantFrom(
      ...Array.from('\'"`$(){}<>|&;#\\ \n!=[]'),
      '$(',
      '${',
      '$((',
      '<<E\n',
      'case x in ',
      'esac',
      ';;',
      'if ',
      'rm',
      "$'",
      'eval ',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (parts) => Array.isArray(names(parts.join('')))),
      { numRuns: 2_000 },
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => Array.isArray(names(text))));
    expect(names(`${'$('.repeat(5_000)}ls`)).toBeInstanceOf(Array);
  });
});
