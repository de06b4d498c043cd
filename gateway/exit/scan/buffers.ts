/** Buffers that are used again: a new one for every file would cost more than what is done with it. */
export class Buffers {
  readonly #free: Buffer[] = [];

  constructor(private readonly length: number) {}

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.length);
  }

  give(buffer: Buffer): void {
    this.#free.push(buffer);
  }
}
