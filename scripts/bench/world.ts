/** Builds the world of the mix on a running gateway: parties, resources, an authorization, scenarios, products, all in force. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Mix, MixEvent } from "./mix";
import type { Result, Server } from "./server";

const REQUEST = 200;

/** @returns names of the outstanding holdings that the mix processes */
export async function buildWorld(server: Server, mix: Mix): Promise<readonly string[]> {
  for (const stage of mix.acts()) await postAll(server, stage);
  const pulls = await postAll(server, mix.basePulls());
  const holdings = pulls.map(({ journal, index }) => `${journal}/${index}/0`);
  await untilProjected(server, pulls);
  await postAll(server, mix.releases(holdings));
  return holdings;
}

async function postAll(server: Server, events: readonly MixEvent[]): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const party of new Set(events.map((event) => event.party))) {
    const own = events.filter((event) => event.party === party);
    for (let i = 0; i < own.length; i += REQUEST) results.push(...(await server.post(own.slice(i, i + REQUEST))));
  }
  const bad = results.find(({ state }) => state !== "accepted" && state !== "anchored");
  if (bad !== undefined) throw new Error(`the world could not be built: ${JSON.stringify(bad)}`);
  return results;
}

export async function untilProjected(server: Server, results: readonly Result[]): Promise<void> {
  const last = results.at(-1);
  if (last === undefined) return;
  for (;;) {
    const { state } = (await server.get(`/v1/events/${last.leafHash}`)) as { state: string };
    if (state === "anchored") return;
    await sleep(20);
  }
}
