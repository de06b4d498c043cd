/** The gateway, put together: the only place where its parts are made and handed to each other. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import type { Clock, Config } from "./config";
import { Inventories } from "./exit/inventory-thread";
import { Admission } from "./http/admission";
import { createApp } from "./http/app";
import { Auth } from "./http/auth";
import { Cursors } from "./http/cursors";
import { limits } from "./http/limits";
import { Metrics } from "./http/metrics";
import { close, listen } from "./http/server";
import { Watching } from "./http/watching";
import { Projector } from "./index/projector";
import { ReadModel } from "./index/read-model";
import { finishRotations } from "./key-rotation";
import { openKeys } from "./keys";
import { openLedger } from "./ledger/open";
import { pastSigners } from "./past-journals";
import { Pipeline } from "./outbox/pipeline";
import { Progress } from "./outbox/progress";
import { writeTrust } from "./trust";

export interface Gateway {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** Takes nothing more, answers and anchors what is in flight, closes. */
  stop(): Promise<void>;
}

/**
 * Starts a gateway. A new directory becomes a new embedded ledger, or follows its network's from the first block; an old one goes on from
 * wherever the last process ended, however it ended. Prints nothing; failures go to `gateway.log` in the directory.
 * @param clock what events and transactions are dated with, for stories of other days; a network takes none but the real one
 * @throws LedgerError `unavailable` where another process has the directory open, or the ledger is damaged, or it was never reached yet
 */
export async function startGateway(config: Config, clock: Clock = Date.now): Promise<Gateway> {
  const { data, mspId } = config;
  const journals = { facts: `${mspId}/facts`, acts: `${mspId}/acts` };
  await mkdir(data, { recursive: true, mode: 0o700 });
  const destination = pino.destination({ dest: join(data, "gateway.log"), sync: true });
  // A log that cannot be written (a full disk) is said once and stops nothing.
  destination.once("error", (error: Error) => process.emitWarning(`gateway.log: ${error.message}`));
  destination.on("error", () => undefined);
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  const onError = (error: unknown, instance?: string): void => log.error({ err: error, instance });

  // Undone in the opposite order, when the gateway stops and when it cannot start.
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of undo.splice(0).reverse()) await close();
  };
  try {
    const ledger = await openLedger(config, clock);
    undo.push(() => ledger.close());
    const { kind, network } = ledger.network;
    // On a network of several organisations, each has journals of these names.
    const origin = kind === "embedded" ? network : `${network}/${mspId}`;
    await finishRotations(data);
    const keys = await openKeys(join(data, "keys"), { facts: `${origin}/facts`, acts: `${origin}/acts` });
    const signers = { ...(await pastSigners(data, ledger)), [journals.facts]: keys.facts, [journals.acts]: keys.acts };
    await writeTrust(join(data, "trust.json"), ledger, signers);

    const progress = new Progress();
    const watching = new Watching();
    const index = join(data, "index");
    const projector = await Projector.start({
      directory: index,
      ledger,
      onError,
      onProjected: ({ height, sizes }) => {
        progress.nowProjected(sizes);
        watching.advance(height);
      },
    });
    undo.push(() => projector.stop());
    const readModel = await ReadModel.open(index);
    undo.push(() => readModel.close());

    const inventories = new Inventories(index);
    undo.push(() => inventories.close());

    const pipeline = await Pipeline.open({
      directory: join(data, "outbox"),
      ledger,
      known: readModel,
      journals,
      progress,
      key: keys.facts,
      clock,
      promiseMinutes: config.promiseMinutes,
      outboxBytes: config.outboxMiB * 1024 * 1024,
      patience: limits.actSeconds * 1000,
      onError,
    });
    undo.push(() => pipeline.close());
    const { outbox, acts, anchorer } = pipeline;

    const auth = new Auth(config.keys ?? { file: keys.jwks });
    const server = createApp({
      auth,
      clock,
      admission: new Admission(keys.withholding),
      outbox,
      acts,
      anchorer,
      progress,
      journals,
      metrics: new Metrics(),
      readModel,
      watching,
      cursors: new Cursors(keys.withholding),
      inventories,
      fingerprinting: keys.withholding,
      publicUrl: config.publicUrl,
      ledger,
      trouble: () => projector.trouble ?? anchorer.trouble,
      signers,
      onError,
    });
    const address = await listen(server, config.port, config.host);
    undo.push(() => {
      watching.close();
      return Promise.all([close(server), pipeline.drain()]);
    });
    return { url: `http://${address}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
