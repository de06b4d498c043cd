/** An organisation's processes as units of systemd (systemd.unit(5), systemd.service(5), systemd.exec(5)): started with the machine, and again whenever one ends. */
import type { Launch } from "../processes/service";
import type { Kind } from "../processes/services";

export interface UnitsOptions {
  readonly organisation: string;
  /** The system's user that runs them and owns the directories. */
  readonly user: string;
  /** What each process is started with. */
  readonly launches: Readonly<Record<Kind | "gateway", Launch>>;
  /** Directories that they write to. */
  readonly writes: readonly string[];
}

/** What has to be there before: a peer calls its chaincode, a gateway its peer. */
const AFTER: Readonly<Record<Kind | "gateway", readonly (Kind | "gateway")[]>> = {
  orderer: [],
  chaincode: [],
  peer: ["orderer", "chaincode"],
  gateway: ["peer"],
};

/**
 * An orderer that connects to another whose cable is out orders nothing meanwhile (seen in 3.1.5), each in its turn. This way the kernel tries for 3 s,
 * so that all of them together are back before the rest take their leader for gone, after 10 s.
 */
const CONNECTING = "net.ipv4.tcp_syn_retries=1";

/** @returns content by file name: a target for all, a service for each process */
export function unitsOf({ organisation, user, launches, writes }: UnitsOptions): ReadonlyMap<string, string> {
  const target = `suyuan-${organisation}.target`;
  const service = (kind: Kind | "gateway"): string => `suyuan-${organisation}-${kind}.service`;
  const kinds = Object.keys(AFTER) as (Kind | "gateway")[];
  const services = kinds.map((kind) => {
    const { file, args, directory, environment } = launches[kind];
    const sections = {
      Unit: [
        ["Description", `Suyuan: ${kind} of ${organisation}`],
        ["PartOf", target],
        ["After", ["network-online.target", ...AFTER[kind].map(service)].join(" ")],
        ["Wants", ["network-online.target", ...AFTER[kind].map(service)].join(" ")],
        // However often it ends, it is started again.
        ["StartLimitIntervalSec", "0"],
      ],
      Service: [
        ["Type", "exec"],
        ["User", user],
        ["WorkingDirectory", directory],
        ...(kind === "orderer" ? [["ExecStartPre", `-+/usr/sbin/sysctl -q -w ${CONNECTING}`] as const] : []),
        ...Object.entries(environment).map(([name, value]) => ["Environment", quoted(`${name}=${value}`)] as const),
        ["ExecStart", [file, ...args].map(quoted).join(" ")],
        ["Restart", "always"],
        ["RestartSec", "2"],
        // A gateway finishes what is in flight.
        ["TimeoutStopSec", "30"],
        ["LimitNOFILE", "65536"],
        ["NoNewPrivileges", "true"],
        ["PrivateTmp", "true"],
        ["ProtectSystem", "strict"],
        ["ReadWritePaths", writes.map(quoted).join(" ")],
      ],
      Install: [["WantedBy", target]],
    } as const;
    return [service(kind), written(sections)] as const;
  });
  const all = {
    Unit: [
      ["Description", `Suyuan: ${organisation}`],
      ["Wants", kinds.map(service).join(" ")],
    ],
    Install: [["WantedBy", "multi-user.target"]],
  } as const;
  return new Map([[target, written(all)], ...services]);
}

type Section = readonly (readonly [name: string, value: string])[];

const written = (sections: Readonly<Record<string, Section>>): string =>
  Object.entries(sections)
    .map(([name, entries]) => `[${name}]\n${entries.map(([key, value]) => `${key}=${value}\n`).join("")}`)
    .join("\n");

/** systemd.syntax(7): specifiers begin with %, variables with $. */
const quoted = (value: string): string => {
  const escaped = value.replaceAll("%", "%%").replaceAll("$", "$$$$");
  return /^[\w@:,./+=%$-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
};
