import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type ParsedNode,
  Parser,
  type Scalar,
} from 'yaml';
import type { Problem, ProblemCode } from './problem.ts';
import {
  createSource,
  joinPath,
  locator,
  type Range,
  type Source,
  type SourceItem,
  type SourceNode,
} from './source.ts';
import { tokenDepth } from './yaml-depth.ts';

/** Bounds of a definition; a file beyond them is refused before it is understood. */
export const limits = {
  /** UTF-8 bytes: 1 MiB. */
  sizeBytes: 1_048_576,
  /** Lexical parts (words, brackets, indentation); keeps a hostile file from costing minutes. */
  tokens: 200_000,
  /** Maps and lists inside one another. */
  depth: 64,
  /** Values that come from aliases (`*name`), counted each time. */
  aliasedValues: 10_000,
  /** Characters of texts that come from aliases, counted each time. */
  aliasedCharacters: 4_194_304,
  /** Characters of a key; none that means something is as long. */
  keyCharacters: 256,
  /** Syntax errors that are reported; the first ones are the useful ones. */
  syntaxErrors: 50,
} as const;

/** What the text holds; `source` says where. With problems `value` is what could be read, or undefined. */
export type ParsedYaml = { readonly value: unknown; readonly source: Source; readonly problems: readonly Problem[] };

/**
 * Reads one YAML 1.2 document (core schema, no tags but the core ones). Never throws. Problems are all
 * errors; where the syntax itself is broken, `value` is undefined.
 */
export function parseYaml(text: string): ParsedYaml {
  const nodes = new WeakMap<object, SourceNode>();
  const source = createSource(text, nodes);
  const locate = locator(text);
  const report: Report = (code, message, range, path = '') => ({
    code,
    severity: 'error',
    message,
    path,
    ...locate(range),
  });
  try {
    const composed = compose(text, report);
    if ('problems' in composed) return { value: undefined, source, problems: composed.problems };
    const reader = new ValueReader(nodes, report);
    const value = reader.read(composed.top, { path: '', depth: 0 });
    return { value, source, problems: reader.problems };
  } catch (error) {
    const message = `the file can't be read as YAML: ${error instanceof Error ? error.message : String(error)}`;
    return { value: undefined, source, problems: [report('yaml-syntax', message, fileStart)] };
  }
}

const fileStart: Range = { start: 0, end: 1 };

type Composed = { readonly top: Node | null } | { readonly problems: readonly Problem[] };

/** The top node of the text's only document, or why it is refused. */
function compose(text: string, report: Report): Composed {
  const refuse = (...problem: Parameters<Report>): Composed => ({ problems: [report(...problem)] });
  const sizeBytes = text.length > limits.sizeBytes ? text.length : new TextEncoder().encode(text).length;
  if (sizeBytes > limits.sizeBytes) {
    return refuse('too-large', `the file is larger than ${limits.sizeBytes} bytes (1 MiB); split it`, fileStart);
  }
  const tokens = readTokens(text);
  if (tokens === undefined) {
    return refuse('too-large', `the file has more than ${limits.tokens} words and signs; split it`, fileStart);
  }
  const tooDeep = tokens.map((token) => tokenDepth(token, limits.depth)).find((offset) => offset !== undefined);
  if (tooDeep !== undefined) {
    const range = { start: tooDeep, end: tooDeep + 1 };
    return refuse('too-deep', `maps and lists are nested more than ${limits.depth} deep`, range);
  }
  const composer = new Composer<ParsedNode>({ version: '1.2', uniqueKeys: false, resolveKnownTags: false });
  const [first, second, ...rest] = composer.compose(tokens, true, text.length);
  const documents = [first, second, ...rest].filter((one) => one !== undefined);
  const faults = documents.flatMap(syntaxFaults).slice(0, limits.syntaxErrors);
  if (faults.length > 0) return { problems: faults.map(({ message, range }) => report('yaml-syntax', message, range)) };
  if (second !== undefined) {
    const at = second.contents?.range[0] ?? second.range[0];
    return refuse('yaml-syntax', 'a second document begins here; a file holds one', { start: at, end: at + 1 });
  }
  return { top: first?.contents ?? null };
}

/** The text's concrete syntax; undefined where it has more parts than allowed. */
function readTokens(text: string): CST.Token[] | undefined {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count++;
    if (count > limits.tokens) return undefined;
    for (const token of parser.next(lexeme)) tokens.push(token);
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

/** Everything the parser objects to; its warnings (unknown tags, other YAML versions) are errors here. */
function syntaxFaults(document: Document.Parsed): { message: string; range: Range }[] {
  const faults = [...document.errors, ...document.warnings].map((fault) => ({
    message: fault.message,
    range: { start: fault.pos[0], end: fault.pos[1] },
  }));
  const { explicit, version } = document.directives.yaml;
  if (explicit && version !== '1.2') {
    faults.unshift({
      message: `the file says it is YAML ${version}; YAML 1.2 is what is read`,
      range: { start: 0, end: 5 },
    });
  }
  return faults;
}

type Report = (code: ProblemCode, message: string, range: Range, path?: string) => Problem;
type Where = { readonly path: string; readonly depth: number };

/** Makes plain values of nodes and records where each stands; aliases are followed within a budget. */
class ValueReader {
  readonly problems: Problem[] = [];
  readonly #nodes: WeakMap<object, SourceNode>;
  readonly #report: Report;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #aliased = 0;
  #aliasedCharacters = 0;
  #insideAlias = 0;
  #exhausted = false;

  constructor(nodes: WeakMap<object, SourceNode>, report: Report) {
    this.#nodes = nodes;
    this.#report = report;
  }

  read(node: Node | null, where: Where): unknown {
    if (node === null) return null;
    if (this.#insideAlias > 0) this.#aliased++;
    if (isAlias(node)) return this.#readAlias(node.source, rangeOf(node), where);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return this.#readScalar(node, where.path);
    if (where.depth >= limits.depth) {
      return this.#fail(
        'too-deep',
        `aliases nest maps and lists more than ${limits.depth} deep`,
        rangeOf(node),
        where.path,
      );
    }
    this.#open.add(node);
    const value = isMap(node) ? this.#readMap(node, where) : isSeq(node) ? this.#readList(node, where) : null;
    this.#open.delete(node);
    return value;
  }

  #readScalar(node: Scalar, path: string): unknown {
    const { value } = node;
    if (typeof value !== 'string') return value;
    if (this.#insideAlias > 0) this.#aliasedCharacters += value.length;
    // No command, environment or path can hold one.
    if (!value.includes('\0')) return value;
    this.#fail('wrong-value', 'a text holds a NUL character; take it out', rangeOf(node), path);
    return value.replaceAll('\0', '');
  }

  #readMap(node: { items: readonly { key: unknown; value: unknown }[] }, where: Where): unknown {
    const value: Record<string, unknown> = {};
    const keys = new Map<string, SourceItem>();
    for (const pair of node.items) {
      const keyNode = pair.key as Node;
      const key = this.#readKey(keyNode, where.path);
      if (key === undefined) continue;
      const path = joinPath(where.path, key);
      const child = pair.value as Node | null;
      const keyRange = rangeOf(keyNode);
      if (keys.has(key)) {
        this.#fail('duplicate-key', `"${key}" stands here a second time; every key once`, keyRange, path);
        continue;
      }
      keys.set(key, { path, key: keyRange, ...this.#item(child, keyRange) });
      value[key] = this.read(child, { path, depth: where.depth + 1 });
    }
    const range = rangeOf(node as unknown as Node);
    const shown = (node as { flow?: boolean }).flow ? range : (keys.values().next().value?.key ?? range);
    this.#nodes.set(value, { path: where.path, range: shown, keys, items: [] });
    return value;
  }

  #readList(node: { items: readonly unknown[] }, where: Where): unknown {
    const value: unknown[] = [];
    const items: SourceItem[] = [];
    const range = rangeOf(node as unknown as Node);
    for (const [index, child] of node.items.entries()) {
      const path = joinPath(where.path, index);
      items.push({ path, ...this.#item(child as Node | null, range) });
      value.push(this.read(child as Node | null, { path, depth: where.depth + 1 }));
    }
    const shown = (node as { flow?: boolean }).flow ? range : { start: range.start, end: range.start + 1 };
    this.#nodes.set(value, { path: where.path, range: shown, keys: new Map(), items });
    return value;
  }

  #item(node: Node | null, fallback: Range): { value: Range; written?: string } {
    if (node === null) return { value: fallback };
    const range = rangeOf(node);
    const target = isAlias(node) ? this.#anchors.get(node.source) : node;
    const written = isScalar(target) ? { written: target.source ?? String(target.value) } : {};
    if (range.end === range.start) return { value: fallback, ...written };
    const block = isMap(node) && node.flow !== true ? node.items[0]?.key : undefined;
    return { value: block === undefined || block === null ? range : rangeOf(block as Node), ...written };
  }

  #readKey(node: Node | null, path: string): string | undefined {
    const range = node === null ? { start: 0, end: 1 } : rangeOf(node);
    const key = isScalar(node) ? (typeof node.value === 'string' ? node.value : (node.source ?? '')) : undefined;
    const isTooLong = key !== undefined && key.length > limits.keyCharacters;
    if (key !== undefined && key !== '' && key !== '__proto__' && !key.includes('\0') && !isTooLong) return key;
    const most = isTooLong ? `, at most ${limits.keyCharacters} characters long` : '';
    this.#fail('yaml-syntax', `a key has to be a plain word${most}`, range, path);
    return undefined;
  }

  #readAlias(name: string, range: Range, where: Where): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      return this.#fail('yaml-syntax', `*${name} refers to nothing: no &${name} before it`, range, where.path);
    }
    if (this.#open.has(target)) {
      return this.#fail('too-many-aliases', `*${name} stands inside of what it refers to`, range, where.path);
    }
    if (this.#aliased >= limits.aliasedValues || this.#aliasedCharacters >= limits.aliasedCharacters) {
      if (this.#exhausted) return null;
      this.#exhausted = true;
      const message = `aliases stand for more than ${limits.aliasedValues} values or ${limits.aliasedCharacters} characters; use fewer`;
      return this.#fail('too-many-aliases', message, range, where.path);
    }
    this.#insideAlias++;
    const value = this.read(target, where);
    this.#insideAlias--;
    return value;
  }

  #fail(code: ProblemCode, message: string, range: Range, path: string): null {
    this.problems.push(this.#report(code, message, range, path));
    return null;
  }
}

function rangeOf(node: Node): Range {
  return { start: node.range?.[0] ?? 0, end: node.range?.[1] ?? 0 };
}
