/** Of what is still held (留存数据): what it was made of, back to the resources from which that was taken. Read once for all who ask. */
import { formatHoldingName, parseHoldingName } from "../../chaincode/proof/holding-name";
import type { HoldingsPage } from "../../chaincode/proof/holdings-page";
import { readEntries } from "./entries";
import { partsOf, under } from "./keys";
import type { Position } from "./place";
import { knownOf } from "./recording";
import { fromJson, type Store } from "./store";
import type { View } from "./view";

/** Events that are read together. */
const TOGETHER = 2048;

/** An event that declared data which is held, or of which such data was made. */
interface Origin {
  readonly recorded: number;
  /** Resources from which it took. */
  readonly resources: readonly string[];
  /** Events that made something of what it declared. */
  readonly into: string[];
}

interface Held {
  readonly origins: ReadonlyMap<string, Origin>;
  /** By event: under which authorizations something that it declared is outstanding. */
  readonly outstanding: ReadonlyMap<string, ReadonlySet<string>>;
}

export class HeldData {
  #held: Promise<Held> | undefined;

  constructor(
    private readonly store: Store,
    private readonly view: View,
  ) {}

  /** By authorization under which something is held that was taken from a resource, or was made of that: when the first of it was taken, milliseconds since 1970. */
  async takenFrom(resource: string): Promise<ReadonlyMap<string, number>> {
    const { origins, outstanding } = await (this.#held ??= this.#read());
    const first = new Map<string, number>();
    const seen = new Set<string>();
    const takings = [...origins].filter(([, { resources }]) => resources.includes(resource));
    for (const [name, { recorded }] of takings.sort(([, a], [, b]) => a.recorded - b.recorded)) {
      const reached = [name];
      for (let next = reached.pop(); next !== undefined; next = reached.pop()) {
        if (seen.has(next)) continue;
        seen.add(next);
        for (const authorization of outstanding.get(next) ?? []) if (!first.has(authorization)) first.set(authorization, recorded);
        reached.push(...(origins.get(next)?.into ?? []));
      }
    }
    return first;
  }

  async #read(): Promise<Held> {
    const outstanding = new Map<string, Set<string>>();
    for await (const [key, value] of this.store.iterator(under("g"))) {
      const [authorization = ""] = partsOf(key);
      for (const { holding, until } of fromJson(value) as HoldingsPage) {
        const declared = until === undefined ? parseHoldingName(holding) : undefined;
        if (declared === undefined) continue;
        const name = nameOf(declared);
        outstanding.set(name, (outstanding.get(name) ?? new Set()).add(authorization));
      }
    }
    const origins = new Map<string, Origin>();
    /** By event that is not read yet: those that made something of what it declared. */
    let unread = new Map<string, string[]>([...outstanding.keys()].map((name) => [name, []]));
    while (unread.size > 0) {
      const names = [...unread.keys()];
      const before = new Map<string, string[]>();
      for (let i = 0; i < names.length; i += TOGETHER) await this.#readSome(names.slice(i, i + TOGETHER), unread, before, origins);
      unread = before;
    }
    return { origins, outstanding };
  }

  async #readSome(
    names: readonly string[],
    into: ReadonlyMap<string, string[]>,
    before: Map<string, string[]>,
    origins: Map<string, Origin>,
  ): Promise<void> {
    const places = names.flatMap((name) => {
      const place = this.view.place(positionOf(name));
      return place === undefined ? [] : [place];
    });
    const read: (readonly [name: string, inputs: readonly string[]])[] = [];
    for (const entry of await readEntries(this.store, places)) {
      const known = entry && !entry.quarantined && !entry.strangers ? knownOf(JSON.parse(entry.leaf.toString("utf8"))) : undefined;
      if (entry === undefined || known === undefined) continue;
      const name = nameOf(this.view.position(entry.place));
      const used = known.type.provenance(known.event.data)?.used ?? [];
      const resources = used.flatMap(({ kind, id }) => (kind === "resource" ? [id] : []));
      origins.set(name, { recorded: entry.recorded, resources, into: into.get(name) ?? [] });
      const inputs = used.flatMap(({ kind, id }) => (kind === "holding" ? (parseHoldingName(id) ?? []) : []));
      read.push([name, [...new Set(inputs.map(nameOf))]]);
    }
    for (const [name, inputs] of read) {
      for (const input of inputs) {
        const known = origins.get(input)?.into ?? into.get(input) ?? before.get(input);
        if (known === undefined) before.set(input, [name]);
        else known.push(name);
      }
    }
  }
}

/** An event, by the name of its first holding. */
const nameOf = ({ journal, index }: Position): string => formatHoldingName({ journal, index, ordinal: 0 });
const positionOf = (name: string): Position => parseHoldingName(name) ?? { journal: "", index: 0 };
