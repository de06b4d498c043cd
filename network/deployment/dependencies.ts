/** The lock file of a part of a project (npm, "package-lock.json", lockfileVersion 3): of all that is locked, what that part needs. */

interface Needs {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface Manifest extends Needs {
  readonly name: string;
  readonly version: string;
  /** File that the package is loaded by. */
  readonly main: string;
}

export interface Lock {
  readonly lockfileVersion: number;
  /** By where each lies: `node_modules/a/node_modules/b`. */
  readonly packages: Readonly<Record<string, Needs>>;
}

/** @throws RangeError where the lock lacks something that is needed: it was made for another manifest */
export function lockOf(manifest: Manifest, lock: Lock): object {
  const { name, version, dependencies } = manifest;
  const found = new Set<string>();
  const waiting = needed("", manifest, lock);
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (found.has(at)) continue;
    found.add(at);
    waiting.push(...needed(at, lock.packages[at] ?? {}, lock));
  }
  const kept = Object.entries(lock.packages).filter(([at]) => found.has(at));
  const packages = { "": { name, version, dependencies }, ...Object.fromEntries(kept) };
  return { name, version, lockfileVersion: lock.lockfileVersion, requires: true, packages };
}

/** Where what this one needs lies; what it could do without is left out where it is not there. */
function needed(from: string, needs: Needs, lock: Lock): string[] {
  const mayMiss = (name: string): boolean => needs.peerDependenciesMeta?.[name]?.optional === true;
  const names = [
    ...Object.keys(needs.dependencies ?? {}).map((name) => [name, false] as const),
    ...Object.keys(needs.optionalDependencies ?? {}).map((name) => [name, true] as const),
    ...Object.keys(needs.peerDependencies ?? {}).map((name) => [name, mayMiss(name)] as const),
  ];
  return names.flatMap(([name, optional]) => {
    const at = placeOf(name, from, lock);
    if (at === undefined && !optional) throw new RangeError(`the lock has no ${name}, which ${from || "the package"} needs`);
    return at ?? [];
  });
}

/** As Node looks for it: beside the one that asks, then further and further out. */
function placeOf(name: string, from: string, lock: Lock): string | undefined {
  for (let folder = from; ;) {
    const at = `${folder}${folder && "/"}node_modules/${name}`;
    if (at in lock.packages) return at;
    if (folder === "") return undefined;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/node_modules/")));
  }
}
