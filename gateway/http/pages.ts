/** Pages, each one file that `npm run build` has put together. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Router } from "express";
import helmet from "helmet";
import { policyOf } from "../console/policy";
import { otherMethods } from "./query-router";

const CONSOLE = join(__dirname, "..", "console");

/** Everyone may have them: there is nothing in them but the verifier. */
export function pageRouter(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const page = built("verify");
  if (page !== undefined) {
    const directives = { ...policyOf(page), "frame-ancestors": ["'none'"] };
    router.use("/verify", helmet({ contentSecurityPolicy: { useDefaults: false, directives } }));
    router.get("/verify", (_, response) => void response.set("Cache-Control", "no-cache").type("html").send(page));
    router.all("/verify", otherMethods("GET", "HEAD"));
  }
  return router;
}

function built(name: string): string | undefined {
  try {
    return readFileSync(join(CONSOLE, `${name}.html`), "utf8");
  } catch {
    return undefined; // compiled without pages: there is none
  }
}
