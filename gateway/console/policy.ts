/** What a page of one file may do (Content Security Policy): run its own script, wear its own style, and nothing else; it can reach no network. */
import { createHash } from "node:crypto";

/** Directives of the policy. @param page its HTML, with one `<script>` and one `<style>` */
export function policyOf(page: string): Record<string, string[]> {
  return {
    "default-src": ["'none'"],
    "script-src": [hashOf(page, "script")],
    "style-src": [hashOf(page, "style")],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "require-trusted-types-for": ["'script'"],
  };
}

export const policyText = (directives: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(directives)
    .map(([name, values]) => [name, ...values].join(" "))
    .join("; ");

function hashOf(page: string, element: "script" | "style"): string {
  const [, content] = new RegExp(`<${element}>([^]*)</${element}>`).exec(page) ?? [];
  if (content === undefined) throw new Error(`the page has no <${element}>`);
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}
