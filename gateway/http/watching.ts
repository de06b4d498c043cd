/** Who waits for the next block: those that watch (`/v1/watch`). */

export class Watching {
  readonly #waiting = new Set<() => void>();
  #height = 0;
  #closed = false;

  /** No stream goes on. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Told after each block, once it can be read. */
  advance(height: number): void {
    this.#height = height;
    this.#wake();
  }

  /** Ends every stream. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Resolves once there are more blocks than that: true; or after some milliseconds, or when there is nobody to tell any more: false. */
  beyond(height: number, ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#waiting.delete(look);
        clearTimeout(timer);
        signal.removeEventListener("abort", settle);
        resolve(this.#height > height);
      };
      const look = (): void => {
        if (this.#height > height || this.#closed) settle();
      };
      const timer = setTimeout(settle, ms);
      this.#waiting.add(look);
      signal.addEventListener("abort", settle);
      if (signal.aborted) settle();
      else look();
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
