/** Which part may know of which: `events, proof <- contract <- gateway <- scripts -> network`. */
import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { expect } from "chai";
import ts from "typescript";

const ROOTS = ["chaincode", "gateway", "network", "scripts", "test"];

/** Everything below the roots: paths from the project's root, where `npm test` runs. */
const files = ROOTS.flatMap((root) =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
    .map((entry) => posix.join(entry.parentPath.replaceAll("\\", "/"), entry.name)),
);
const sources = files.filter((file) => file.endsWith(".ts"));

/** Everything a source names as a module, types included: `import`, `export from`, `import()`, `require`, `typeof import()`. */
function modulesOf(file: string, text: string): readonly string[] {
  const found: string[] = [];
  const add = (node: ts.Node | undefined): void => {
    if (node === undefined) return;
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    else found.push(`not a literal: ${node.getText()}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isExternalModuleReference(node)) add(node.expression);
    else if (ts.isImportTypeNode(node)) add(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : node.argument);
    else if (ts.isCallExpression(node)) {
      const callee = node.expression;
      const requires = ts.isIdentifier(callee) ? callee : ts.isPropertyAccessExpression(callee) ? callee.expression : undefined;
      const isRequire = requires !== undefined && ts.isIdentifier(requires) && requires.text === "require";
      if (callee.kind === ts.SyntaxKind.ImportKeyword || isRequire) add(node.arguments[0]);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return found;
}

interface Import {
  readonly from: string;
  /** A path from the project's root, or the name of a package. */
  readonly to: string;
}

const imports: readonly Import[] = sources.flatMap((from) =>
  modulesOf(from, readFileSync(from, "utf8")).map((module) => ({
    from,
    to: module.startsWith(".") ? posix.join(posix.dirname(from), module) : module.replace(/^node:/, ""),
  })),
);

const inFolder = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);
const ours = (path: string): boolean => ROOTS.some((root) => path === root || inFolder(path, root)) || path.startsWith("..");
const list = (them: readonly Import[]): readonly string[] => them.map(({ from, to }) => `${from} -> ${to}`);

/** Imports of the project's own files from below one folder that lead elsewhere than below some. */
const leaving = (folder: string, ...allowed: readonly string[]): readonly string[] =>
  list(imports.filter(({ from, to }) => inFolder(from, folder) && ours(to) && !allowed.some((it) => to === it || inFolder(to, it))));

/** What a browser does not have. */
const NODE = new Set([...builtinModules.filter((name) => name !== "crypto"), "level", "express", "pino"]);

/** Every import by the files of a folder, by the files these import, and so on. */
function reachable(folder: string): readonly Import[] {
  const reached = new Set(sources.filter((file) => inFolder(file, folder)));
  for (const file of reached) {
    for (const { from, to } of imports) if (from === file && sources.includes(`${to}.ts`)) reached.add(`${to}.ts`);
  }
  return imports.filter(({ from }) => reached.has(from));
}

describe("layout", () => {
  it("finds every way to name a module", () => {
    const text = `
      import a from "a"; import type { B } from 'b'; import "c"; export * from "d"; export type { E } from "e";
      import f = require("f"); const g = require("g"); const h = await import("h"); type I = import("i").I;
      require.resolve("j"); require(\`k\`); // import l from "l"
      const m = 'import m from "m"'; require(n);
    `;
    expect(modulesOf("sample.ts", text)).to.deep.equal(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "not a literal: n"]);
    expect(sources.length).to.be.above(20);
    expect(imports.length).to.be.above(sources.length);
  });

  it("names modules by literals only, so that this test sees them", () => {
    expect(list(imports.filter(({ to }) => to.startsWith("not a literal")))).to.deep.equal([]);
  });

  it("keeps the chaincode to itself", () => {
    expect(leaving("chaincode", "chaincode")).to.deep.equal([]);
  });

  it("keeps proofs below events, and both below the contract", () => {
    expect(leaving("chaincode/events", "chaincode/events", "chaincode/proof")).to.deep.equal([]);
    expect(leaving("chaincode/proof", "chaincode/proof")).to.deep.equal([]);
  });

  it("keeps words and examples out of the contract, so that a typo is no upgrade", () => {
    expect(list(imports.filter(({ from, to }) => inFolder(from, "chaincode") && to.endsWith(".json")))).to.deep.equal([]);
  });

  it("keeps the gateway below scripts, and apart from the network", () => {
    expect(leaving("gateway", "gateway", "chaincode")).to.deep.equal([]);
    expect(leaving("network", "network")).to.deep.equal([]);
    expect(leaving("scripts", "scripts", "gateway", "chaincode", "network")).to.deep.equal([]);
  });

  for (const pure of ["chaincode/proof", "gateway/evidence"]) {
    it(`keeps ${pure} free of I/O, so that it runs in a browser, with one file that knows node:crypto`, () => {
      expect(list(reachable(pure).filter(({ to }) => NODE.has(to)))).to.deep.equal([]);
      const crypto = imports.filter(({ from, to }) => inFolder(from, pure) && to === "crypto");
      expect(new Set(crypto.map(({ from }) => from)))
        .to.have.property("size")
        .that.is.at.most(1);
    });
  }

  it("is at most two folders deep below each root; tests mirror that below their own", () => {
    const folders = (file: string): number => file.split("/").length - 2;
    expect(files.filter((file) => folders(file) > (inFolder(file, "test") ? 3 : 2))).to.deep.equal([]);
  });

  it("calls nothing utils", () => {
    expect(files.filter((file) => file.split("/").some((part) => /^utils?(\.|$)/i.test(part)))).to.deep.equal([]);
  });
});
