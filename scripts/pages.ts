/** Puts pages together, each as one file that needs no other: part of `npm run build`. */
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { policyOf, policyText } from "../gateway/console/policy";

/** Sources, from the project's root, where npm runs scripts; and where the gateway looks for pages. */
const SOURCES = join("gateway", "console");
const BUILT = join("dist", "gateway", "console");

async function scriptOf(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(SOURCES, entry)],
    bundle: true,
    minify: true,
    write: false,
    platform: "browser",
    format: "iife",
    target: "es2023",
    charset: "utf8",
    legalComments: "none",
    // The one file of the verifier that needs Node has its counterpart here.
    plugins: [
      {
        name: "sha256",
        setup: (bundling) => bundling.onResolve({ filter: /\/sha256$/ }, () => ({ path: resolve(SOURCES, "sha256.ts") })),
      },
    ],
  });
  // In a page, these characters would end the script.
  return (outputFiles[0]?.text ?? "").replaceAll("</script", "<\\/script");
}

async function page(name: string): Promise<void> {
  const source = (extension: string): Promise<string> => readFile(join(SOURCES, `${name}.${extension}`), "utf8");
  const [html, style, script] = await Promise.all([source("html"), source("css"), scriptOf(`${name}-page.ts`)]);
  // Functions, since a replacement text would have its dollar signs read.
  const whole = html.replace("<style>", (tag) => tag + style).replace("<script>", (tag) => tag + script);
  await writeFile(
    join(BUILT, `${name}.html`),
    whole.replace('content=""', () => `content="${policyText(policyOf(whole))}"`),
  );
}

void page("verify");
