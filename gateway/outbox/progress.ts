/** How far each journal of this gateway has come. */
type Sizes = Readonly<Record<string, number>>;

export class Progress {
  readonly #accepted: Record<string, number> = {};
  readonly #anchored: Record<string, number> = {};
  readonly #projected: Record<string, number> = {};
  #onProjected: () => void = () => undefined;
  #closed = false;
  #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  /** Events that have an index, on the ledger or not yet. */
  accepted(journal: string): number {
    return this.#accepted[journal] ?? 0;
  }

  /** Events on the ledger. */
  anchored(journal: string): number {
    return this.#anchored[journal] ?? 0;
  }

  /** Events in the read model. */
  projected(journal: string): number {
    return this.#projected[journal] ?? 0;
  }

  /** Whether the journal is one of this gateway. */
  owns(journal: string): boolean {
    return journal in this.#accepted;
  }

  nowAccepted(journal: string, size: number): void {
    this.#advance(this.#accepted, journal, size);
  }

  nowAnchored(journal: string, size: number): void {
    this.#advance(this.#accepted, journal, size);
    this.#advance(this.#anchored, journal, size);
  }

  /** @param sizes of journals, those of others too */
  nowProjected(sizes: Sizes): void {
    for (const journal in sizes) this.#advance(this.#projected, journal, sizes[journal] ?? 0);
    this.#onProjected();
  }

  /** @param told whenever the read model has advanced, and now */
  onProjected(told: () => void): void {
    this.#onProjected = told;
    told();
  }

  /** Nothing is waited for any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Resolves once the condition holds, which is looked at whenever something has advanced; or once this is closed. */
  until(holds: () => boolean): Promise<void> {
    return this.#closed || holds() ? Promise.resolve() : new Promise((resolve) => this.#waiting.push({ holds, resolve }));
  }

  close(): void {
    this.#closed = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  #advance(sizes: Record<string, number>, journal: string, size: number): void {
    if ((sizes[journal] ?? -1) >= size) return;
    sizes[journal] = size;
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const each of waiting) {
      if (each.holds()) each.resolve();
      else this.#waiting.push(each);
    }
  }
}
