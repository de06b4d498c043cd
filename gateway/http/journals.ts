/** Journals as other people's verifiers read them: checkpoints, consistency proofs and tiles (C2SP tlog-checkpoint, tlog-tiles). */
import { type RequestHandler, Router } from "express";
import { toBase64 } from "../../chaincode/proof/bytes";
import { parseTilePath, TILE_WIDTH } from "../../chaincode/proof/tile";
import type { ReadModel } from "../index/read-model";
import { Parameters } from "./parameters";
import { Problem } from "./problem";
import type { Receipts } from "./receipts";
import { sendJson } from "./send";

/** A tile of some width never changes. */
const FOR_EVER = "max-age=31536000, immutable";

/** Hashes are public; entries only for those that `mayRead` lets pass. */
export function journals(readModel: ReadModel, receipts: Receipts, mayRead: RequestHandler): Router {
  const router = Router();

  router.get("/v1/journals", async (request, response) => {
    new Parameters(request).end();
    const reader = await readModel.reader();
    sendJson(response, 200, JSON.stringify({ height: reader.height, journals: await reader.heads() }));
  });

  router.get("/v1/journals/:journal/checkpoint", async (request, response) => {
    new Parameters(request).end();
    const { checkpoint } = await receipts.head(request.params.journal);
    sendJson(response, 200, checkpoint, "text/plain; charset=utf-8");
  });

  router.get("/v1/journals/:journal/consistency", async (request, response) => {
    const parameters = new Parameters(request);
    const [from, to] = ["from", "to"].map((name) => parameters.integer(name, [0, Number.MAX_SAFE_INTEGER]));
    parameters.end();
    const { journal } = request.params;
    const reader = await readModel.reader();
    const head = await reader.head(journal);
    if (head === undefined) throw new Problem("not-found");
    const sizes = { from: from ?? 0, to: to ?? head.size };
    const path = reader.consistency(journal, sizes.from, sizes.to);
    if (path === undefined) throw new Problem("query-invalid", { pointer: sizes.to > head.size ? "to" : "from", reason: "maximum" });
    sendJson(response, 200, JSON.stringify({ height: reader.height, journal, ...sizes, path: path.map(toBase64) }));
  });

  // Asked of the decoded path: an address has many spellings, and entries are the events themselves.
  router.get("/v1/journals/:journal/tile/*path", async (request, response, next) => {
    if (tileIn(request.params.path)?.level === "entries") await mayRead(request, response, next);
    else next();
  });
  router.get("/v1/journals/:journal/tile/*path", async (request, response) => {
    new Parameters(request).end();
    const { journal } = request.params;
    const tile = tileIn(request.params.path);
    const bytes = tile && (await (await readModel.reader()).tile(journal, tile));
    if (tile === undefined || bytes === undefined) throw new Problem("not-found");
    const scope = tile.level === "entries" ? "private" : "public";
    response.writeHead(200, {
      "Content-Type": "application/octet-stream",
      "Content-Length": bytes.length,
      "Cache-Control": `${scope}, ${tile.width === TILE_WIDTH ? FOR_EVER : "max-age=60"}`,
    });
    response.end(bytes);
  });

  return router;
}

const tileIn = (path: readonly string[]): ReturnType<typeof parseTilePath> => parseTilePath(`tile/${path.join("/")}`);
