/**
 * Certificates made anew before they end, by the organisation's own authorities. Each part gets new keys, but for the orderer: the channel,
 * and so every other orderer, knows it by its public keys, so that with the same ones it goes on at once, and its new certificates are
 * written into the channel when it suits.
 */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { OrganisationFiles, type Pair, type Part, PARTS } from "../directory";
import { alone } from "../lock";
import { type Kind, serviceOf } from "../processes/services";
import type { Organisation, Topology } from "../topology";
import { Authority, issueAlone } from "./authority";
import { firstToEnd, NEAR_DAYS } from "./expiry";
import { issuedTo, publishConsenter } from "./organisation";

/** What reads a part's certificates, as it starts: the service lets in the peer's one certificate, the orderer the administrator's. */
const READERS: Readonly<Record<Part, readonly Kind[]>> = {
  peer: ["peer"],
  orderer: ["orderer"],
  chaincode: ["chaincode", "peer"],
  admin: ["orderer"],
  gateway: [],
};

/** A network's directory, and what it declares. */
interface Declared {
  readonly directory: string;
  readonly topology: Topology;
}

/** Parts of which a certificate ends soon, or is another key's: a renewal was broken off there. @param now milliseconds since 1970 */
export async function partsDue({ directory, topology }: Declared, organisation: Organisation, now = Date.now()): Promise<readonly Part[]> {
  const due = await Promise.all(
    PARTS.map(async (part) => {
      const pairs = issuedTo(part, directory, topology, organisation).map(({ files }) => files);
      const { days } = await firstToEnd(
        pairs.map(({ certificate }) => certificate),
        now,
      );
      return days < NEAR_DAYS || !(await Promise.all(pairs.map(belongTogether))).every(Boolean);
    }),
  );
  return PARTS.filter((_, index) => due[index]);
}

/**
 * Ends the processes that show or trust a part's certificates, and renews these; `up` starts them again.
 * @param now clock by which it issues. @returns the processes that it ended. @throws NetworkError `network-busy`
 */
export function renewPart(
  { directory, topology }: Declared,
  organisation: Organisation,
  part: Part,
  now: () => number = Date.now,
): Promise<readonly Kind[]> {
  const own = new OrganisationFiles(directory, organisation);
  return alone([own.root], async () => {
    // First: what has read the old ones must not go on where this is broken off.
    const ended: Kind[] = [];
    for (const kind of READERS[part]) if (await serviceOf(directory, organisation, kind).stop()) ended.push(kind);
    const load = (kind: "ca" | "tlsca"): Promise<Authority> => Authority.load(own.authority(kind), now);
    const [ca, tlsca] = await Promise.all([load("ca"), load("tlsca")]);
    for (const { files, by, name, profile } of issuedTo(part, directory, topology, organisation)) {
      if (by === "itself") await issueAlone(files, name, now());
      else await { ca, tlsca }[by].issue(files, name, profile, part === "orderer" ? "kept" : "new");
    }
    if (part === "orderer") await publishConsenter(directory, organisation);
    return ended;
  });
}

async function belongTogether({ certificate, key }: Pair): Promise<boolean> {
  return new X509Certificate(await readFile(certificate)).checkPrivateKey(createPrivateKey(await readFile(key)));
}
