import { marked, type Token, type Tokens } from 'marked';
import { cut, type Row, type Span, type Style, span, widthOf, wrapText } from '../spans.ts';
import { styles } from '../theme.ts';

/** Markdown as rows of at most that width. What it does not know is shown as its source. */
export function markdownRows(text: string, width: number): readonly Row[] {
  return withoutLastGap(blocks(marked.lexer(text), Math.max(10, width)));
}

function withoutLastGap(rows: readonly Row[]): readonly Row[] {
  return rows.at(-1)?.length === 0 ? rows.slice(0, -1) : rows;
}

function blocks(tokens: readonly Token[], width: number): Row[] {
  const rows: Row[] = [];
  for (const token of tokens) rows.push(...block(token, width));
  return rows;
}

function block(token: Token, width: number): readonly Row[] {
  switch (token.type) {
    case 'space':
      return [];
    case 'heading':
      return [...flow(inline(token.tokens ?? [], styles.focusTitle), width), []];
    case 'paragraph':
      return [...flow(inline(token.tokens ?? []), width), []];
    case 'text':
      return flow(token.tokens === undefined ? [span(token.raw)] : inline(token.tokens), width);
    case 'code':
      return [
        ...String(token.text)
          .split('\n')
          .map((line): Row => ['  ', span(cut(line, width - 2), styles.code)]),
        [],
      ];
    case 'list':
      return [...list(token as Tokens.List, width), []];
    case 'table':
      return [...table(token as Tokens.Table, width), []];
    case 'blockquote':
      return [
        ...withoutLastGap(blocks(token.tokens ?? [], width - 2)).map((row): Row => [span('│ ', styles.quiet), ...row]),
        [],
      ];
    case 'hr':
      return [[span('─'.repeat(width), styles.quiet)], []];
    default:
      return wrapText(token.raw.trimEnd(), width).map((line): Row => [line]);
  }
}

function list(token: Tokens.List, width: number): readonly Row[] {
  return token.items.flatMap((item, index) => {
    const box = item.checked === true ? '☑ ' : '☐ ';
    const bullet = item.task ? box : token.ordered ? `${Number(token.start || 1) + index}. ` : '• ';
    const indent = ' '.repeat(widthOf(bullet));
    const inner = blocks(
      item.tokens.filter((part) => part.type !== 'checkbox'),
      width - widthOf(bullet),
    );
    return withoutLastGap(inner).map((row, line): Row => [line === 0 ? bullet : indent, ...row]);
  });
}

function table(token: Tokens.Table, width: number): readonly Row[] {
  const cells = [token.header, ...token.rows].map((row) => row.map((cell) => inline(cell.tokens)));
  const columns = token.header.map((_, index) => Math.max(3, ...cells.map((row) => spansWidth(row[index] ?? []))));
  const widths = shrink(columns, width - 3 * (columns.length - 1));
  const rows = cells.flatMap((row, index): Row[] => {
    const wrapped = widths.map((cells, column) => flow(row[column] ?? [], cells));
    const height = Math.max(1, ...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, line) =>
      widths.flatMap((cells, column): Row => {
        const content = wrapped[column]?.[line] ?? [];
        const shown = index === 0 ? content.map((part) => bold(part)) : content;
        const gap = column === widths.length - 1 ? [] : [span(' │ ', styles.quiet)];
        return [...shown, ' '.repeat(Math.max(0, cells - rowCells(content))), ...gap];
      }),
    );
  });
  const headHeight =
    rows.length === 0
      ? 0
      : Math.max(1, ...(cells[0] ?? []).map((cell, column) => flow(cell, widths[column] ?? 3).length));
  const rule: Row = [
    span(
      '─'.repeat(
        Math.min(
          width,
          widths.reduce((sum, one) => sum + one, 3 * (widths.length - 1)),
        ),
      ),
      styles.quiet,
    ),
  ];
  return [...rows.slice(0, headHeight), rule, ...rows.slice(headHeight)];
}

/** Takes cells from the widest columns until all fit. */
function shrink(columns: readonly number[], width: number): readonly number[] {
  const widths = [...columns];
  while (widths.reduce((sum, one) => sum + one, 0) > width) {
    const widest = widths.indexOf(Math.max(...widths));
    const cells = widths[widest] ?? 0;
    if (cells <= 3) break;
    widths[widest] = cells - 1;
  }
  return widths;
}

function inline(tokens: readonly Token[], style: Style = {}): readonly Span[] {
  return tokens.flatMap((token): readonly Span[] => {
    switch (token.type) {
      case 'strong':
        return inline(token.tokens ?? [], { ...style, bold: true });
      case 'em':
        return inline(token.tokens ?? [], { ...style, italic: true });
      case 'del':
        return inline(token.tokens ?? [], { ...style, dim: true });
      case 'codespan':
        return [span(token.text, { ...style, ...styles.code })];
      case 'link':
        return [...inline(token.tokens ?? [], { ...style, ...styles.link }), ...address(token as Tokens.Link)];
      case 'br':
        return [span('\n', style)];
      case 'text':
        return token.tokens === undefined ? [span(token.text, style)] : inline(token.tokens, style);
      case 'escape':
        return [span(token.text, style)];
      default:
        return [span(token.raw, style)];
    }
  });
}

function address(link: Tokens.Link): readonly Span[] {
  return link.text === link.href ? [] : [span(` (${link.href})`, styles.quiet)];
}

/** Breaks spans at spaces; each keeps its style. */
function flow(spans: readonly Span[], width: number): Row[] {
  const rows: Span[][] = [[]];
  let used = 0;
  const next = () => {
    rows.push([]);
    used = 0;
  };
  for (const part of spans) {
    for (const piece of part.text.split(/(\n| +)/)) {
      if (piece === '\n') {
        // A break inside a paragraph of Markdown is a space; only two spaces before it make it one.
        if (used > 0 && used < width) used += push(rows, span(' ', part.style));
        continue;
      }
      if (piece === '' || (used === 0 && /^ +$/.test(piece))) continue;
      for (const word of widthOf(piece) > width ? wrapText(piece, width) : [piece]) {
        if (used + widthOf(word) > width) next();
        if (used === 0 && /^ +$/.test(word)) continue;
        used += push(rows, span(word, part.style));
      }
    }
  }
  return rows;
}

function push(rows: Span[][], part: Span): number {
  rows.at(-1)?.push(part);
  return widthOf(part.text);
}

function bold(part: Span | string): Span {
  return typeof part === 'string' ? span(part, { bold: true }) : span(part.text, { ...part.style, bold: true });
}

function spansWidth(spans: readonly Span[]): number {
  return spans.reduce((sum, part) => sum + widthOf(part.text), 0);
}

function rowCells(row: Row): number {
  return row.reduce((sum, part) => sum + widthOf(typeof part === 'string' ? part : part.text), 0);
}
