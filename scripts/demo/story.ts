/**
 * The story the demo tells: who, what and why, as plain constants. City, parties and agreement are invented, so that no real body is
 * named: the credit codes have correct check characters (GB 32100-2015, GB 11714) but a division code, 990000, that no place has.
 */

/** Words in Chinese and in English. */
export interface Words {
  readonly zh: string;
  readonly en: string;
}

/** The ledger's version of each party: `roles` as in `party.registered`. */
export const parties = {
  authority: {
    code: "11990000MB1A0001XD",
    name: { zh: "云州市数据局", en: "Yunzhou Data Bureau" },
    roles: ["authority"],
  },
  agency: {
    code: "12990000MB1A00079J",
    name: { zh: "云州市大数据中心", en: "Yunzhou Big Data Centre" },
    roles: ["implementing-agency"],
  },
  operator: {
    code: "91990000MA1A00024N",
    name: { zh: "云州数据运营有限公司", en: "Yunzhou Data Operations Co., Ltd." },
    roles: ["primary-operator", "platform"],
  },
  developer: {
    code: "91990000MA1A00032H",
    name: { zh: "云州准点出行科技有限公司", en: "Yunzhou On-Time Travel Technology Co., Ltd." },
    roles: ["developer"],
  },
  transport: {
    code: "11990000MB1A000443",
    name: { zh: "云州市交通运输局", en: "Yunzhou Transport Bureau" },
    roles: ["source"],
  },
  meteorology: {
    code: "12990000MB1A00052T",
    name: { zh: "云州市气象局", en: "Yunzhou Meteorological Bureau" },
    roles: ["source"],
  },
  supervisor: {
    code: "11990000MB1A00060Q",
    name: { zh: "云州市审计局", en: "Yunzhou Audit Bureau" },
    roles: ["supervisor"],
  },
} as const satisfies Record<string, { code: string; name: Words; roles: readonly string[] }>;

export type PartyName = keyof typeof parties;

/** What the departments catalogue: `fields` is all their file has, `demanded` what the scenario asks for. */
export const resources = {
  flights: {
    id: "yz-transport-flights",
    source: "transport",
    name: { zh: "航班离港准点记录", en: "Flight departures and delays" },
    fields: ["date", "delay", "distance", "origin", "destination"],
    demanded: ["date", "delay", "distance", "origin"],
    sensitivity: "internal",
    frequency: "daily",
  },
  delays: {
    id: "yz-transport-delays",
    source: "transport",
    name: { zh: "全网航班延误样本", en: "Sample of delays of all flights" },
    fields: ["delay", "distance", "time"],
    demanded: ["delay", "distance", "time"],
    sensitivity: "internal",
    frequency: "yearly",
  },
  airports: {
    id: "yz-transport-airports",
    source: "transport",
    name: { zh: "机场基础信息", en: "Airports" },
    fields: ["iata", "name", "city", "state", "country", "latitude", "longitude"],
    demanded: ["iata", "city", "state", "latitude", "longitude"],
    sensitivity: "open",
    frequency: "yearly",
  },
  weather: {
    id: "yz-meteorology-weather",
    source: "meteorology",
    name: { zh: "气象站逐日观测", en: "Daily weather observations" },
    fields: ["location", "date", "precipitation", "temp_max", "temp_min", "wind", "weather"],
    demanded: ["location", "date", "precipitation"],
    sensitivity: "open",
    frequency: "daily",
  },
} as const satisfies Record<
  string,
  {
    id: string;
    source: PartyName;
    name: Words;
    fields: readonly string[];
    demanded: readonly string[];
    sensitivity: "open" | "internal" | "sensitive" | "core";
    frequency: string;
  }
>;

export const authorization = {
  id: "yz-authorization-transport",
  scope: { zh: "交通、气象领域公共数据授权运营", en: "Operation of public data on transport and weather" },
} as const;

export const scenario = {
  id: "yz-scenario-punctuality",
  registration: "YZ-CJ-0001",
  name: { zh: "航班准点与气候关联分析", en: "Punctuality of flights and climate" },
  purpose: {
    zh: "按机场和旬统计航班延误，与同类航班的通常延误及当地同期降水气候对照，供旅客出行和机场保障安排参考",
    en: "Delays by airport and ten-day period, against the usual delay of such flights and the local climate, for travellers and airports",
  },
} as const;

/** Whom the operator calls for. */
export const developer = {
  conditions: {
    zh: "具备出行服务行业资质和场景化开发能力，建立数据安全管理制度",
    en: "Qualified in travel services, able to develop for the scenario, with rules for the safety of data",
  },
} as const;

export const product = {
  id: "yz-product-punctuality",
  version: "1.0.0",
  registration: "YZ-CP-0001",
  type: "api",
  pricing: "free",
  name: { zh: "机场准点气候指数", en: "Airport punctuality and climate index" },
  audience: { zh: "出行服务企业和社会公众", en: "Travel services and the public" },
} as const;

/** The pull that should not have been: one field more than was demanded. */
export const outOfScope = {
  resource: "flights",
  field: "destination",
  purpose: { zh: "临时核对航线流向", en: "A look at where the flights go" },
} as const;

/** The developer's call of the released product. */
export const call = {
  id: "yz-call-0001",
  query: { origin: "SEA", climate: "wet" },
  purpose: { zh: "查询多雨旬的平均延误", en: "Mean delay in wet periods" },
} as const;

/** How it ends: the operator leaves before its term is over, and somebody has kept a copy of a raw file. */
export const exit = {
  id: "yz-exit-transport",
  reason: { zh: "经营方向调整，申请提前退出", en: "The operator turns to other business and asks to leave early" },
  explanation: {
    zh: "超范围调取，数源单位未作提供，已列为疑似问题",
    en: "A pull beyond the scenario, which the source did not supply; a finding already",
  },
  approach: {
    zh: "对照清单逐件核对删除记录，并复查残留检测报告",
    en: "Each deletion compared with the inventory, and the reports of the scans read again",
  },
  kept: { folder: "old-backup", file: "flights.raw.csv" },
} as const;
