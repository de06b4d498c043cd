/**
 * What of that which was found may be there. A holding that is retained, that is a successor's now, or that goes on, stands for one copy: of content that several holdings have, as many
 * copies are kept as holdings of it may be there, whole ones before parts, and of a folder each of its files as often as it has it; one more is residue, since nobody has recorded it. Which of them is the one
 * that is kept cannot be seen: where a holding lies is a name that somebody gave it. What is within a kept copy is kept with it; and what
 * goes on has in common with what ends says nothing of the latter (see `Matcher`).
 */
import { JUDGED, type Looked, mayBeResidue, type Piece } from "./looked";
import { isCopy, type Match } from "./match";
import type { Kept, Quarry, Sought } from "./quarry";

export interface Found extends Omit<Match, "free" | "file"> {
  readonly object: string;
  /** Why it may be there; `holding` is the one that allows it. */
  readonly kept?: Kept;
  /** Of residue: how many copies of the same content may be there besides. Which is which is for people to see. */
  readonly besides?: number;
}

export interface Judged {
  readonly residues: number;
  readonly found: readonly Found[];
}

/** One content in one piece: a holding's, or of a folder one of its files'. */
interface Copy {
  readonly piece: Piece;
  readonly digest: string;
  readonly content: string;
  /** One for each of the holdings that have it. */
  readonly matches: readonly Match[];
  readonly match: Match;
}

/** Copies that may be there, by which holding. */
type Allowed = ReadonlyMap<Match, Sought>;

/** @param pieces in which something was found, those listed. The others are residue: there are more of them than anybody keeps */
export function judge(quarry: Quarry, { residues, found: pieces }: Pick<Looked, "residues" | "found">): Judged {
  const sought = new Map(quarry.sought.map((it) => [it.holding, it]));
  const copiesIn = (piece: Piece): readonly Copy[] =>
    groupsOf(piece.matches, ({ holding, file }) => `${sought.get(holding)?.digest ?? ""} ${file ?? ""}`).map(([content, matches]) => ({
      ...{ piece, content, digest: content.slice(0, content.indexOf(" ")), matches, match: matches[0] as Match },
    }));
  /** As often as it may be there. */
  const keptOf = ({ digest, match: { file } }: Copy): readonly Sought[] =>
    quarry.withDigest(digest).flatMap((i) => {
      const one = quarry.sought[i];
      return one?.kept === undefined ? [] : Array.from({ length: Math.min(JUDGED, quarry.copiesOf(i, file)) }, () => one);
    });

  const allow = (copies: readonly Copy[]): Allowed => {
    const allowed = new Map<Match, Sought>();
    for (const [, all] of groupsOf(copies, (copy) => copy.content)) {
      const kept = keptOf(all[0] as Copy);
      const counted = all.filter(({ match }) => match.free !== true).sort((a, b) => rank(b.match) - rank(a.match));
      counted.forEach(({ match }, i) => kept[i] && allowed.set(match, kept[i]));
      for (const { match } of all) if (match.free === true && kept[0] !== undefined) allowed.set(match, kept[0]);
    }
    return allowed;
  };
  /** The copy that a piece itself is, where it may be there. Which files a folder has, its sidecar alone says: against a digest that was declared it counts for nothing. */
  const itselfIn = (copies: readonly Copy[], allowed: Allowed): Copy | undefined => {
    const how = copies.some(({ match }) => match.how === "whole") ? "whole" : "file";
    return copies.find(({ piece, match }) => piece.within !== undefined && match.how === how && allowed.has(match));
  };
  const copiesBelow = (piece: Piece, allowed: Allowed = new Map()): readonly Copy[] => {
    const copies = copiesIn(piece);
    const itself = itselfIn(copies, allowed);
    return itself ? [itself] : [...copies, ...(piece.within ?? []).flatMap((inner) => copiesBelow(inner, allowed))];
  };
  // What is within a kept copy takes no other copy's place.
  const first = allow(pieces.flatMap((piece) => copiesBelow(piece)));
  const allowed = allow(pieces.flatMap((piece) => copiesBelow(piece, first)));

  const found: Found[] = [];
  let excused = 0;
  const look = (piece: Piece): void => {
    const copies = copiesIn(piece);
    const itself = itselfIn(copies, allowed);
    for (const copy of itself ? [itself] : copies) found.push(...foundIn(copy, allowed.get(copy.match), sought, keptOf(copy).length));
    if (itself) excused += countedIn(piece);
    else {
      if (mayBeResidue(piece) && copies.every(({ match }) => allowed.has(match))) excused++;
      piece.within?.forEach(look);
    }
  };
  pieces.forEach(look);
  return { residues: residues - excused, found };
}

function foundIn(
  { piece: { object }, match: { how, share }, matches }: Copy,
  by: Sought | undefined,
  sought: ReadonlyMap<string, Sought>,
  besides: number,
): readonly Found[] {
  if (by?.kept !== undefined) return [{ object, holding: by.holding, how, share, kept: by.kept }];
  const gone = matches.filter(({ holding }) => sought.get(holding)?.kept === undefined);
  return (gone.length > 0 ? gone : matches.slice(0, 1)).map(({ holding }) => ({
    ...{ object, holding, how, share },
    ...(besides > 0 && { besides }),
  }));
}

/** A whole copy before parts, the larger before the smaller. */
const rank = ({ how, share }: Match): number => (isCopy(how) ? 2000 : share);

const countedIn = (piece: Piece): number =>
  (piece.within ?? []).reduce((sum, inner) => sum + countedIn(inner), mayBeResidue(piece) ? 1 : 0);

/** In the order of their first. */
function groupsOf<T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups];
}
