import type { LogNews, LogSource } from '../live/log-line.ts';

type Tell = (news: LogNews) => void;

/** Makes one follower of three: what one tells of its own sources, or of its trouble, does not take back what another told. */
export function joinNews(tell: Tell): readonly [Tell, Tell, Tell] {
  const sources: (readonly LogSource[])[] = [[], [], []];
  const troubles: (string | undefined)[] = [undefined, undefined, undefined];
  const of = (place: number) => (news: LogNews) => {
    if (news.kind === 'sources') {
      sources[place] = news.sources;
      tell({ kind: 'sources', sources: sources.flat() });
    } else if (news.kind === 'trouble' && news.source === undefined) {
      troubles[place] = news.trouble;
      const all = troubles.filter((trouble) => trouble !== undefined);
      tell({ kind: 'trouble', trouble: all.length === 0 ? undefined : all.join(' ') });
    } else tell(news);
  };
  return [of(0), of(1), of(2)];
}
