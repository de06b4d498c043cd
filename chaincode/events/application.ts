/** application 授权申请: from the form of 附件2 to the end of the public notice. Clauses 六(一)2-4, 七(一)2, 附件2. */
import { announcement, announcementKnown, announcements, isOpen } from "./announcement";
import { afterWorkingDays } from "./calendar";
import type { RuleCode } from "./codes";
import { SEATS, within } from "./limits";
import { missingOf, form, materials, type Materials } from "./form";
import { creditCodeValid, isAuthority, isParty, sameHands } from "./party";
import { parametersAt } from "./rulebook";
import { atMost, digest, document, id, list, oneOf, optional, struct, text } from "./schema";
import { endedStep, isAnnulled, passed, recordIn, standsBy, type Stepped, stands, stood } from "./steps";
import { startOfDay } from "./time";
import { act, type Rule, rule, type Subject, table, type World } from "./definition";

export interface Application extends Stepped {
  readonly announcement: string;
  /** Credit code of who applies. */
  readonly applicant: string;
  /** What is shown to the public (公示), since when and by which act; versions before 0.6.0 did not say by which. */
  readonly shown?: { readonly content: string; readonly from: number; readonly act?: string };
  /** Experts who were ever said to have an interest: no later scoring seats them. */
  readonly excluded?: readonly string[];
  /** By number, of those that are open: credit code of whose it is. Versions before 0.5.0 kept `open`, and how others were settled. */
  readonly objections: Readonly<Record<string, string>>;
  /** The authorization that was decided on it. */
  readonly authorization?: string;
}

export const applications = table<Application>("application");

/** How an objection was settled. */
const settlements = table<{ readonly outcome: string }>("objection");

interface Objection {
  readonly application: string;
  readonly objection: string;
}
/** Neither name has a space. */
const objectionName = ({ application, objection }: Objection): string => `${application} ${objection}`;

const isObjected = (world: World, data: Objection): boolean =>
  Object.hasOwn(world.get(applications, data.application)?.objections ?? {}, data.objection) ||
  world.get(settlements, objectionName(data)) !== undefined;

const OUTCOMES = ["upheld", "rejected", "inadmissible"] as const;

const openObjections = (it: Application | undefined): readonly (readonly [objection: string, by: string])[] =>
  Object.entries(it?.objections ?? {}).filter(([, how]) => OUTCOMES.every((outcome) => how !== outcome));

export const application = (id: string): Subject => ({ kind: "application", id });

interface Named {
  readonly data: { readonly application: string };
}

const about = (d: Named["data"]): readonly Subject[] => [application(d.application)];
const itsRecord = recordIn(applications, (d: Named["data"]) => d.application);

const notSubmittedTwice = rule("application-exists", ({ data }: Named, world) => world.get(applications, data.application) !== undefined);

const codeValid = rule("credit-code-invalid", ({ data }: { data: { form: { code: string } } }) => !creditCodeValid(data.form.code));

/** Everybody applies for themselves. */
const ownApplication = rule(
  "not-your-event",
  ({ data, party }: { data: { form: { code: string } }; party: string }) => data.form.code !== party,
);

type Submission = { data: { announcement: string; form: { signedBy: string }; materials: Materials }; recorded: number };

const inWindow = rule("outside-window", ({ data, recorded }: Submission, world) => {
  return world.get(announcements, data.announcement) !== undefined && !isOpen(world, data.announcement, recorded);
});

const allMaterials = rule("materials-missing", ({ data, recorded }: Submission, world) =>
  missingOf(data.materials, data.form.signedBy, recorded, world.get(announcements, data.announcement)?.materials ?? []),
);

export const submitted = act("application.submitted", {
  clause: "六(一)2",
  by: ["primary-operator"],
  data: { application: id, announcement: id, form, materials },
  about: (d) => [application(d.application), announcement(d.announcement)],
  rules: [notSubmittedTwice, codeValid, ownApplication, announcementKnown, inWindow, allMaterials],
  effects: ({ data, party }, world) =>
    world.put(applications, data.application, { announcement: data.announcement, applicant: party, objections: {}, steps: {} }),
  on: itsRecord,
});

/** About the application that an event names, where it names one. */
type Naming = { readonly data: { readonly application?: string }; readonly recorded: number };
const named = ({ data }: Naming, world: World): Application | undefined =>
  data.application === undefined ? undefined : world.get(applications, data.application);

const isKnown = (it: Application | undefined): it is Application => it !== undefined && !isAnnulled(it, "submitted");

const known = rule("application-unknown", ({ data }: Named, world) => !isKnown(world.get(applications, data.application)));

/** A step that has to be taken before, and has not failed. */
const after = (code: RuleCode, step: string): Rule<Naming["data"]> =>
  rule(code, (event: Naming, world) => {
    const it = named(event, world);
    return it === undefined || passed(it, step, event.recorded) ? [] : [step];
  });
const qualified = after("materials-missing", "qualification-checked");
const assessed = after("scoring-incomplete", "scored");
const publiclyShown = after("publicity-incomplete", "publicised");

/** Whether the public still has before it what it was first shown, and that is the scoring as it stands. */
function isShowing(it: Application, at: number): boolean {
  const { shown } = it;
  if (shown === undefined || !stands(it, "publicised", at)) return false;
  return (shown.act === undefined || standsBy(it, shown.act, at)) && stood(it, "scored", shown.from)?.annulled === undefined;
}

export const qualificationChecked = act("application.qualification-checked", {
  clause: "七(一)2",
  by: ["authority"],
  data: { application: id, result: oneOf("passed", "failed"), opinion: optional(document) },
  about,
  rules: [known],
  on: itsRecord,
  withdrawal: ["scored"],
  result: (d) => d.result,
});

/** 授权运营方案、业务技术实力、安全条件、信用条件、服务响应能力、应急处置能力. */
const CRITERIA = ["plan", "capability", "security", "credit", "responsiveness", "emergency"] as const;

const scores = struct({
  criterion: oneOf(...CRITERIA),
  /** In hundredths of the whole. */
  weight: atMost(100),
  scores: list(struct({ expert: digest, score: atMost(100) }), { max: SEATS }),
});

interface Scoring {
  readonly data: {
    readonly application: string;
    readonly experts: readonly string[];
    readonly excluded: readonly string[];
    readonly criteria: readonly {
      readonly criterion: string;
      readonly weight: number;
      readonly scores: readonly { readonly expert: string }[];
    }[];
  };
}

const withInterest = ({ application, excluded }: Scoring["data"], world: World): readonly string[] => [
  ...new Set([...(world.get(applications, application)?.excluded ?? []), ...excluded]),
];

/**
 * Each criterion once and with some weight, each seated expert once on each, nobody else; who has an interest is not seated, and weights make up
 * the whole.
 */
const scoringComplete = rule("scoring-incomplete", ({ data }: Scoring, world) => {
  const { experts, criteria } = data;
  const excluded = withInterest(data, world);
  const once = (expert: string, of: Scoring["data"]["criteria"][number]): boolean =>
    of.scores.filter((score) => score.expert === expert).length === 1;
  return [
    ...(experts.length === 0 ? ["experts"] : []),
    ...experts.filter((expert) => excluded.includes(expert)).map((expert) => `interest ${expert}`),
    ...(criteria.reduce((sum, { weight }) => sum + weight, 0) === 100 ? [] : ["weights"]),
    ...CRITERIA.filter((name) => criteria.filter(({ criterion, weight }) => criterion === name && weight > 0).length !== 1),
    ...criteria.flatMap((of) => [
      ...experts.filter((expert) => !once(expert, of)).map((expert) => `${of.criterion} ${expert}`),
      ...of.scores.filter(({ expert }) => !experts.includes(expert)).map(({ expert }) => `${of.criterion} ${expert}`),
    ]),
  ];
});

export const scored = act("application.scored", {
  clause: "六(一)3",
  by: ["authority"],
  data: {
    application: id,
    experts: list(digest, { max: SEATS }),
    excluded: list(digest),
    criteria: list(scores),
    report: optional(document),
  },
  about,
  rules: [known, qualified, scoringComplete, within("experts", ({ data }: Scoring, world) => withInterest(data, world).length)],
  /** What is shown is the result of an earlier one. */
  ends: ["publicised"],
  effects: ({ data }, world) => {
    const excluded = withInterest(data, world);
    if (excluded.length > 0) update(world, data.application, (it) => ({ ...it, excluded }));
  },
  on: itsRecord,
  withdrawal: ["publicised"],
});

const SHOWN = ["name", "qualification", "scope"] as const;

const publicityComplete = rule("publicity-incomplete", ({ data }: { data: Partial<Record<(typeof SHOWN)[number], unknown>> }) =>
  SHOWN.filter((name) => data[name] === undefined),
);

export const publicised = act("application.publicised", {
  clause: "六(一)4",
  by: ["authority"],
  data: { application: id, notice: document, name: optional(text), qualification: optional(text), scope: optional(text) },
  about,
  rules: [known, assessed, publicityComplete],
  /** A changed text begins anew; the same one, recorded again while it is shown, does not. */
  effects: ({ data, recorded, place }, world) => {
    const content = JSON.stringify([data.notice.digest, ...SHOWN.map((name) => data[name])]);
    update(world, data.application, (it) =>
      it.shown?.content === content && isShowing(it, recorded) ? it : { ...it, shown: { content, from: recorded, act: place } },
    );
  },
  on: itsRecord,
});

/** What was settled is not opened again under its number. */
const objectionNew = rule("objection-exists", ({ data }: { data: Objection }, world) => isObjected(world, data));

/** Nobody fills up what others may object to in vain: who applied has nothing to object to. */
const notApplicant = rule("not-your-event", ({ data, party }: ByParty, world) => {
  const it = world.get(applications, data.application);
  return it !== undefined && sameHands(world, party, it.applicant);
});

type ByParty = Named & { readonly party: string };

/** Of one party, with this one. */
function ofOne({ data, party }: ByParty, world: World): number {
  return 1 + openObjections(world.get(applications, data.application)).filter(([, by]) => isParty(world, party, by)).length;
}

/** Of all; of the authority, which records what anybody tells it, only its own: no others keep it from that. */
const ofAll = (event: ByParty, world: World): number =>
  isAuthority(world, event.party) ? ofOne(event, world) : 1 + openObjections(world.get(applications, event.data.application)).length;

export const objected = act("application.objected", {
  clause: "六(一)4",
  by: ["authority", "primary-operator", "public"],
  data: { application: id, objection: id, statement: document },
  about,
  rules: [
    known,
    publiclyShown,
    notApplicant,
    objectionNew,
    within("objections", ofAll),
    within("objections-of-one", (event: ByParty, world) => (isAuthority(world, event.party) ? 0 : ofOne(event, world))),
  ],
  effects: ({ data: { application, objection }, party }, world) =>
    update(world, application, (it) => ({ ...it, objections: { ...it.objections, [objection]: party } })),
  on: itsRecord,
});

const objectionKnown = rule("application-unknown", ({ data }: { data: Objection }, world) =>
  world.get(applications, data.application) === undefined || isObjected(world, data) ? [] : [data.objection],
);

export const objectionSettled = act("application.objection-settled", {
  clause: "六(一)4",
  by: ["authority"],
  data: { application: id, objection: id, outcome: oneOf(...OUTCOMES), reply: document },
  about,
  rules: [known, objectionKnown],
  /** Ours: where the objection is right, what was shown no longer holds: the result is corrected and shown again, for its whole time. */
  effects: ({ data, recorded }, world) => {
    world.put(settlements, objectionName(data), { outcome: data.outcome });
    update(world, data.application, ({ objections: { [data.objection]: _, ...objections }, ...it }) => ({ ...it, objections }));
    if (data.outcome === "upheld") update(world, data.application, ({ shown: _, ...it }) => endedStep(it, "publicised", recorded));
  },
  on: itsRecord,
});

interface Writing {
  get: World["get"];
  put: (t: typeof applications, id: string, row: Application) => void;
}

function update(world: Writing, id: string, change: (it: Application) => Application): void {
  const it = world.get(applications, id);
  if (it) world.put(applications, id, change(it));
}

/** An application that has been decided on is used up. */
export const noteDecision = (world: Writing, id: string, authorization: string): void =>
  update(world, id, (it) => ({ ...it, authorization }));

const isOperators = rule("application-unknown", (event: Naming & { data: { operator: string } }, world) => {
  const it = named(event, world);
  return event.data.application !== undefined && !(isKnown(it) && sameHands(world, event.data.operator, it.applicant));
});

/** Where nobody was chosen, or the announcement is annulled, there is nothing to decide on. */
const announcementStands = rule("outside-window", (event: Naming, world) => {
  const it = world.get(announcements, named(event, world)?.announcement ?? "");
  return isAnnulled(it, "published") || stands(it, "failed", event.recorded);
});

const stillShown = rule("publicity-incomplete", (event: Naming, world) => {
  const it = named(event, world);
  return it !== undefined && !isShowing(it, event.recorded) ? ["publicised"] : [];
});

/** From which day on the next step may be taken; undefined where nothing is shown, and `missing` where a calendar is. */
function shownUntil(event: Naming, world: World): string | undefined {
  const shown = named(event, world)?.shown;
  if (shown === undefined) return undefined;
  return afterWorkingDays(world, shown.from, parametersAt(world, event.recorded).publicityDays) ?? MISSING;
}
const MISSING = "missing";

const calendarRecorded = rule("calendar-missing", (event: Naming, world) => shownUntil(event, world) === MISSING);

const shownLongEnough = rule("publicity-too-short", (event: Naming, world) => {
  const from = shownUntil(event, world);
  return from !== undefined && from !== MISSING && event.recorded < startOfDay(from);
});

const objectionsSettled = rule("objection-open", (event: Naming, world) =>
  openObjections(named(event, world)).map(([objection]) => objection),
);

/** What has to be true of the application that a decision rests on, where it names one: every step was taken, in public and in time. */
export const readyToDecide = [
  isOperators,
  announcementStands,
  qualified,
  assessed,
  stillShown,
  calendarRecorded,
  shownLongEnough,
  objectionsSettled,
] as const;

export const types = [submitted, qualificationChecked, scored, publicised, objected, objectionSettled];
