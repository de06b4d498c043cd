/** Puts groups into an outbox store for as long as it is told to, and says which are durable. Its argument is the directory. */
import { OutboxStore } from "../../gateway/outbox/store";

const GROUPS = 150;
const BYTES = 30_000;

async function main(directory: string): Promise<void> {
  const store = await OutboxStore.open(directory);
  for (let from = 0; from < GROUPS; from++) {
    try {
      await store.put({ from, size: 1, jws: `${from}` }, Buffer.alloc(BYTES, `${from} `));
      process.stdout.write(`durable ${from}\n`);
    } catch {
      process.stdout.write(`failed ${from}\n`);
    }
  }
  process.kill(process.pid, "SIGKILL");
}

void main(process.argv[2] ?? "");
