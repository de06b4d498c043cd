/** Where what lies in a network's directory. The tree stands in README.md. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Organisation } from "./topology";

export const TOPOLOGY = "topology.yaml";

/** What all parties have alike. */
export interface SharedFiles {
  readonly configtx: string;
  readonly firstBlock: string;
}

export const sharedFiles = (directory: string): SharedFiles => ({
  configtx: join(directory, "channel", "configtx.yaml"),
  firstBlock: join(directory, "channel", "first.block"),
});

/** What everybody may have of an organisation. */
export interface PublicFiles {
  readonly authority: string;
  readonly tlsAuthority: string;
  readonly msp: string;
  /** Serial numbers of certificates that nobody is to take any more; absent until there is one (RFC 5280, 5). */
  readonly revocations: string;
  /** Of its orderer as a consenter: who signs blocks, and how it shows itself to the others. */
  readonly consenter: { readonly identity: string; readonly tls: string };
}

export function publicFiles(directory: string, { name }: Pick<Organisation, "name">): PublicFiles {
  const root = join(directory, "public", name);
  return {
    authority: join(root, "ca.pem"),
    tlsAuthority: join(root, "tlsca.pem"),
    msp: join(root, "msp"),
    revocations: join(root, "crl.pem"),
    consenter: { identity: join(root, "orderer.pem"), tls: join(root, "orderer-tls.pem") },
  };
}

/** A certificate and its key, both PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** What of an organisation has certificates, and is renewed together. */
export const PARTS = ["peer", "orderer", "chaincode", "admin", "gateway"] as const;
export type Part = (typeof PARTS)[number];

/** What is an organisation's own. */
export class OrganisationFiles {
  readonly root: string;

  constructor(directory: string, { name }: Pick<Organisation, "name">) {
    this.root = join(directory, name);
  }

  /** The certificate authorities: of identities, of TLS. */
  authority(kind: "ca" | "tlsca"): Pair {
    return this.#pair("ca", kind);
  }

  /** A node's directory: its configuration, `msp`, TLS pair and ledger. */
  node(kind: "peer" | "orderer"): { readonly root: string; readonly msp: string; readonly tls: Pair; readonly ledger: string } {
    const root = join(this.root, kind);
    return { root, msp: join(root, "msp"), tls: this.#pair(kind, "tls"), ledger: join(root, "ledger") };
  }

  /** The administrator's: `tls` is what the orderer's administration lets in, and nothing else. */
  get admin(): { readonly msp: string; readonly tls: Pair } {
    return { msp: join(this.root, "admin", "msp"), tls: this.#pair("admin", "tls") };
  }

  get gateway(): { readonly identity: Pair; readonly tls: Pair } {
    return { identity: this.#pair("gateway", "identity"), tls: this.#pair("gateway", "tls") };
  }

  /** Of a party that it hosts, in one of its roles: who signs, and what it shows as a TLS client. */
  party(code: string, role: string): { readonly identity: Pair; readonly tls: Pair } {
    const folder = join("parties", code);
    return { identity: this.#pair(folder, role), tls: this.#pair(folder, `${role}-tls`) };
  }

  /** The package that its peer installs, what is known of it, and the chaincode service: its code, what it shows, and what its peer shows to it. */
  get chaincode(): {
    readonly package: string;
    readonly deployed: string;
    readonly code: string;
    readonly service: Pair;
    readonly client: Pair;
  } {
    const root = join(this.root, "chaincode");
    return {
      package: join(root, "package.tgz"),
      deployed: join(root, "deployed.json"),
      code: join(root, "code"),
      service: this.#pair("chaincode", "service"),
      client: this.#pair("chaincode", "client"),
    };
  }

  get connection(): string {
    return join(this.root, "connection.json");
  }

  /** Where its figures are, for Prometheus. */
  get scrape(): string {
    return join(this.root, "prometheus.json");
  }

  log(process: string): string {
    return join(this.root, "logs", `${process}.log`);
  }

  run(process: string): string {
    return join(this.root, "run", `${process}.json`);
  }

  #pair(folder: string, name: string): Pair {
    return { certificate: join(this.root, folder, `${name}.pem`), key: join(this.root, folder, `${name}.key`) };
  }
}

/** Writes a file wholly or not at all, with the folders above it. @param mode 0o600 for what is secret */
export async function write(file: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.partial`;
  await rm(partial, { force: true });
  await writeFile(partial, content, { mode, flush: true });
  await rename(partial, file);
}
