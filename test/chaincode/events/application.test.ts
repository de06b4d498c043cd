import { expect } from "chai";
import { applications } from "../../../chaincode/events/application";
import type { Stepped } from "../../../chaincode/events/steps";
import { APPLICATION, at, bodies, until } from "./authorization-life";
import { AUTHORITY, example, examples, OPERATOR, STRANGER, World } from "./world";

const { form, materials } = examples["suyuan.application.submitted"].valid;
const { experts, criteria } = examples["suyuan.application.scored"].valid;

/** The world of the life up to and with a step. */
/** When the ledger began to be kept, and the day before. */
const [BEGAN, BEFORE] = ["2026-01-05", "2026-01-04"];

function after(type: string): World {
  const world = new World();
  for (const body of bodies) world.tell(at(`${BEGAN}T09:00`, body));
  for (const [time, report] of until(type)) world.tell(at(time, report));
  return world;
}

const submit = (change: object = {}, time = "2026-01-20T10:00", party = OPERATOR) =>
  after("announcement.published").tell(at(time, example("application.submitted", party, change)));
const missing = (code: string, ...names: string[]) => [{ code, missing: names }];

describe("an application", () => {
  it("is submitted once, by the applicant itself, under a sound credit code", () => {
    expect(after("application.submitted").codes(at("2026-01-21T10:00", example("application.submitted", OPERATOR)))).to.deep.equal([
      "application-exists",
    ]);
    expect(submit({}, undefined, STRANGER)).to.deep.equal([{ code: "not-your-event" }]);
    const codes = submit({ form: { ...form, code: "91990000MA1A00025N" } })?.map(({ code }) => code);
    expect(codes).to.include("credit-code-invalid");
  });

  it("has the whole form of the plan", () => {
    for (const name of Object.keys(form).filter((it) => it !== "licensedUntil"))
      expect(submit({ form: { ...form, [name]: undefined } }), name).to.equal(undefined);
    expect(submit({ form: { ...form, licensedUntil: undefined } })).to.deep.equal([]);
  });

  it("has every material, and says which are missing", () => {
    for (const name of Object.keys(materials).filter((it) => it !== "reports" && it !== "others"))
      expect(submit({ materials: { ...materials, [name]: undefined } }), name).to.deep.equal(missing("materials-missing", name));
    expect(submit({ materials: { ...materials, others: [] } })).to.deep.equal(missing("materials-missing", "ecosystem-plan"));
    expect(submit({ materials: { reports: [], others: [] } })?.[0]?.missing).to.have.length(6 + 2 + 4 + 1);
  });

  it("has the agent's papers only where an agent signs", () => {
    const own = { ...materials, agentAuthority: undefined, agentProof: undefined };
    expect(submit({ materials: own })).to.deep.equal(missing("materials-missing", "agentAuthority", "agentProof"));
    expect(submit({ materials: own, form: { ...form, signedBy: "representative" } })).to.deep.equal([]);
  });

  it("has the audit report and the accounting report of each of the two years before", () => {
    const [last, before] = materials.reports;
    const reports = (...given: object[]) => submit({ materials: { ...materials, reports: given } });
    expect(reports(last!)).to.deep.equal(missing("materials-missing", "audit-2024", "accounting-2024"));
    expect(reports(last!, { ...before!, audit: undefined })).to.deep.equal(missing("materials-missing", "audit-2024"));
    expect(reports({ ...last!, accounting: undefined }, before!)).to.deep.equal(missing("materials-missing", "accounting-2025"));
    expect(reports(last!, { ...before!, year: "2023" })).to.deep.equal(missing("materials-missing", "audit-2024", "accounting-2024"));
  });

  it("is known before anything is done about it", () => {
    const steps = ["qualification-checked", "scored", "publicised", "objected", "objection-settled"] as const;
    for (const step of steps)
      expect(after("announcement.published").codes(example(`application.${step}`, AUTHORITY)), step).to.deep.equal(["application-unknown"]);
  });
});

describe("the scoring of an application", () => {
  const score = (change: object = {}, world = after("application.qualification-checked")) =>
    world.tell(at("2026-02-09T08:30", example("application.scored", AUTHORITY, change)));
  const first = criteria[0]!;
  const replaced = (change: object) => [{ ...first, ...change }, ...criteria.slice(1)];
  const stranger = "f".repeat(64);

  it("waits for the qualification, which has to be passed", () => {
    expect(score({}, after("application.submitted"))).to.deep.equal(missing("materials-missing", "qualification-checked"));
    const world = after("application.submitted");
    world.tell(at("2026-02-01T10:00", example("application.qualification-checked", AUTHORITY, { result: "failed" })));
    expect(score({}, world)).to.deep.equal(missing("materials-missing", "qualification-checked"));
    expect(score()).to.deep.equal([]);
  });

  it("covers the six criteria of the plan, each once", () => {
    expect(score({ criteria: replaced({ criterion: "credit" }) })).to.deep.equal(missing("scoring-incomplete", "plan", "credit"));
    expect(score({ criteria: [] })?.[0]?.missing).to.deep.equal([
      "weights",
      "plan",
      "capability",
      "security",
      "credit",
      "responsiveness",
      "emergency",
    ]);
  });

  it("weighs every criterion", () => {
    const [first, second, ...others] = criteria;
    const weighed = (one: number, two: number) => score({ criteria: [{ ...first, weight: one }, { ...second, weight: two }, ...others] });
    expect(weighed(0, 50)).to.deep.equal(missing("scoring-incomplete", "plan"));
    expect(weighed(1, 49)).to.deep.equal([]);
  });

  it("has weights that make up the whole", () => {
    expect(score({ criteria: replaced({ weight: 26 }) })).to.deep.equal(missing("scoring-incomplete", "weights"));
    expect(score({ criteria: replaced({ weight: 24 }) })).to.deep.equal(missing("scoring-incomplete", "weights"));
  });

  it("has a score of every seated expert on each, and of nobody else", () => {
    const [one, two] = first.scores;
    expect(score({ criteria: replaced({ scores: [one] }) })).to.deep.equal(missing("scoring-incomplete", `plan ${experts[1]!}`));
    expect(score({ criteria: replaced({ scores: [one, two, { expert: two!.expert, score: 1 }] }) })).to.deep.equal(
      missing("scoring-incomplete", `plan ${experts[1]!}`),
    );
    expect(score({ criteria: replaced({ scores: [one, two, { expert: stranger, score: 1 }] }) })).to.deep.equal(
      missing("scoring-incomplete", `plan ${stranger}`),
    );
    const nobody = criteria.map((of) => ({ ...of, scores: [] }));
    expect(score({ experts: [], criteria: nobody })).to.deep.equal(missing("scoring-incomplete", "experts"));
  });

  it("is not by experts with an interest", () => {
    expect(score({ excluded: [experts[0]] })).to.deep.equal(missing("scoring-incomplete", `interest ${experts[0]!}`));
    expect(score({ excluded: [stranger] })).to.deep.equal([]);
    const again = after("application.qualification-checked");
    expect(score({ excluded: [stranger] }, again)).to.deep.equal([]);
    const seated = criteria.map((of) => ({ ...of, scores: [...of.scores, { expert: stranger, score: 1 }] }));
    const said = score({ experts: [...experts, stranger], excluded: [], criteria: seated }, again);
    expect(said, "said in an earlier scoring").to.deep.equal(missing("scoring-incomplete", `interest ${stranger}`));
    expect(score({ excluded: [] }, again)).to.deep.equal([]);
  });
});

describe("the public notice of an application", () => {
  const show = (change: object = {}) => example("application.publicised", AUTHORITY, change);
  const decide = example("authorization.decided", AUTHORITY, { application: APPLICATION, existing: undefined });
  const objection = (party: string, change: object = {}) => example("application.objected", party, change);
  const named = { subjectKind: "application", subject: APPLICATION };
  const settle = (outcome: string) => example("application.objection-settled", AUTHORITY, { outcome });

  it("waits for the scoring, and shows name, qualification and scope", () => {
    expect(after("application.qualification-checked").tell(at("2026-02-09T10:00", show()))).to.deep.equal(
      missing("scoring-incomplete", "scored"),
    );
    for (const name of ["name", "qualification", "scope"])
      expect(after("application.scored").tell(at("2026-02-09T10:00", show({ [name]: undefined }))), name).to.deep.equal(
        missing("publicity-incomplete", name),
      );
  });

  it("lasts five full working days, the day of publication not counted; the next step follows on the day after", () => {
    const world = () => after("application.publicised");
    expect(world().codes(at("2026-02-14T23:59", decide)), "the fifth is a Saturday that is worked").to.deep.equal(["publicity-too-short"]);
    expect(world().codes(at("2026-02-15T00:00", decide))).to.deep.equal([]);
  });

  it("lasts as long as the rulebook in force at the decision says", () => {
    const world = after("application.publicised");
    const adopt = (publicityDays: number) =>
      example("rulebook.adopted", AUTHORITY, { effective: "2026-03-10", parameters: { publicityDays } });
    world.tell(at("2026-02-09T11:00", adopt(60)));
    expect(world.codes(at("2026-03-10T00:00", decide))).to.deep.equal(["publicity-too-short"]);
    expect(world.codes(at("2026-03-09T23:59", decide))).to.deep.equal([]);
  });

  it("is counted by the calendar as it is recorded at the decision, and never guessed", () => {
    const world = after("application.publicised");
    const { holidays } = examples["suyuan.calendar.set"].valid;
    world.tell(at("2026-02-10T10:00", example("calendar.amended", AUTHORITY, { holidays, workdays: [] })));
    expect(world.codes(at("2026-02-15T00:00", decide)), "Saturday the 14th is no longer worked").to.deep.equal(["publicity-too-short"]);
    expect(world.codes(at("2026-02-25T00:00", decide)), "nor is the 24th over").to.deep.equal([]);
    const late = after("application.scored");
    late.tell(at("2026-12-28T10:00", show()));
    expect(late.codes(at("2027-02-01T10:00", decide))).to.deep.equal(["calendar-missing"]);
  });

  it("begins anew with a changed text, and goes on with the same", () => {
    const again = (change: object) => {
      const world = after("application.publicised");
      world.tell(at("2026-02-10T10:00", show(change)));
      return world.codes(at("2026-02-15T00:00", decide));
    };
    expect(again({})).to.deep.equal([]);
    expect(again({ scope: "交通领域" })).to.deep.equal(["publicity-too-short"]);
    expect(again({ notice: { digest: "0".repeat(64) } })).to.deep.equal(["publicity-too-short"]);
  });

  it("begins anew once it was taken down, or shows another scoring than the one that stands", () => {
    const shown = () => after("application.publicised");
    const annul = (world: World, time: string, step: string) => {
      const event = world.get(applications, APPLICATION)!.steps[step]!.at(-1)!.act;
      expect(world.codes(at(time, example("correction.annulled", AUTHORITY, { event, ...named })))).to.deep.equal([]);
    };
    const again = (world: World) => {
      expect(world.codes(at("2026-02-15T09:00", show()))).to.deep.equal([]);
      expect(world.codes(at("2026-02-15T09:01", decide)), "the same text").to.deep.equal(["publicity-too-short"]);
      expect(world.codes(at("2026-02-28T23:59", decide)), "holidays through the 23rd").to.deep.equal(["publicity-too-short"]);
      expect(world.codes(at("2026-03-02T00:00", decide))).to.deep.equal([]);
    };
    const world = shown();
    annul(world, "2026-02-09T11:00", "publicised");
    expect(world.codes(at("2026-02-15T08:00", decide))).to.deep.equal(["publicity-incomplete"]);
    again(world);
    const scored = shown();
    expect(scored.codes(at("2026-02-14T10:00", example("application.scored", AUTHORITY)))).to.deep.equal([]);
    expect(scored.codes(at("2026-02-15T08:00", decide)), "another scoring").to.deep.equal(["publicity-incomplete"]);
    again(scored);
    const annulled = shown();
    annul(annulled, "2026-02-14T10:00", "scored");
    expect(annulled.codes(at("2026-02-15T08:00", decide))).to.deep.equal(["scoring-incomplete", "publicity-incomplete"]);
    annulled.tell(at("2026-02-15T08:30", example("application.scored", AUTHORITY)));
    again(annulled);
  });

  it("is not the longer for the first of two, where that is annulled, and is none of a scoring that is annulled", () => {
    const world = after("application.publicised");
    world.tell(at("2026-02-11T09:00", show()));
    const [first] = world.get(applications, APPLICATION)!.steps["publicised"]!;
    world.tell(at("2026-02-11T10:00", example("correction.annulled", AUTHORITY, { event: first!.act, ...named })));
    expect(world.codes(at("2026-02-15T10:00", decide))).to.deep.equal(["publicity-incomplete"]);
    const twice = after("application.scored");
    twice.tell(at("2026-02-09T09:30", example("application.scored", AUTHORITY)));
    const second = twice.place;
    twice.tell(at("2026-02-09T10:00", show()));
    expect(World.from(twice.state()).codes(at("2026-02-15T10:00", decide))).to.deep.equal([]);
    twice.tell(at("2026-02-14T10:00", example("correction.annulled", AUTHORITY, { event: second, ...named })));
    expect(twice.codes(at("2026-02-15T10:00", decide)), "the first scoring was not shown").to.deep.equal(["publicity-incomplete"]);
  });

  it("can be objected to once it is shown, by competitors and whoever the authority hears", () => {
    expect(after("application.scored").tell(objection(STRANGER))).to.deep.equal(missing("publicity-incomplete", "publicised"));
    for (const party of [STRANGER, AUTHORITY]) expect(after("application.publicised").tell(objection(party)), party).to.deep.equal([]);
  });

  it("is not objected to by who applied, by whatever code it was known then", () => {
    const world = after("application.publicised");
    expect(world.codes(objection(OPERATOR))).to.deep.equal(["not-your-event"]);
    expect(world.codes(example("party.merged", AUTHORITY, { code: STRANGER, former: [OPERATOR] }))).to.deep.equal([]);
    expect(world.codes(objection(STRANGER)), "it goes on for the applicant").to.deep.equal(["not-your-event"]);
    expect(after("application.publicised").codes(objection(STRANGER))).to.deep.equal([]);
  });

  it("holds up the decision until each objection is settled, be it as inadmissible", () => {
    for (const outcome of ["rejected", "inadmissible"]) {
      const world = after("application.objected");
      world.tell(at("2026-02-12T10:00", objection(AUTHORITY, { objection: "objection-2" })));
      expect(world.codes(at("2026-02-13T10:00", settle(outcome)))).to.deep.equal([]);
      expect(world.tell(at("2026-02-15T10:00", decide))).to.deep.equal(missing("objection-open", "objection-2"));
      world.tell(at("2026-02-15T10:00", example("application.objection-settled", AUTHORITY, { objection: "objection-2", outcome })));
      expect(world.tell(at("2026-02-15T10:00", decide)), outcome).to.deep.equal([]);
    }
    expect(after("application.publicised").tell(settle("rejected"))).to.deep.equal(missing("application-unknown", "objection-1"));
  });

  it("is not held up by a number that was settled, nor is that opened again", () => {
    const world = after("application.objected");
    const again = (change: object = {}) => world.codes(at("2026-02-13T11:00", objection(STRANGER, change)));
    expect(again()).to.deep.equal(["objection-exists"]);
    world.tell(at("2026-02-13T12:00", settle("rejected")));
    expect(again()).to.deep.equal(["objection-exists"]);
    expect(again({ objection: "objection-2" })).to.deep.equal([]);
  });

  it("ends with an objection that is right: the result is shown again, for its whole time", () => {
    const world = after("application.objected");
    world.tell(at("2026-02-12T10:00", settle("upheld")));
    expect(world.tell(at("2026-02-15T10:00", decide))).to.deep.equal(missing("publicity-incomplete", "publicised"));
    world.tell(at("2026-02-24T10:00", show()));
    expect(world.codes(at("2026-03-02T23:59", decide)), "Saturday the 28th is worked").to.deep.equal(["publicity-too-short"]);
    expect(world.codes(at("2026-03-03T00:00", decide))).to.deep.equal([]);
  });

  it("is what a decision rests on: every step before it, of this operator's application", () => {
    const codes = (world: World, change: object = {}) =>
      world.codes(
        at("2026-02-25T10:00", example("authorization.decided", AUTHORITY, { application: APPLICATION, existing: undefined, ...change })),
      );
    expect(codes(after("application.submitted"))).to.deep.equal(["materials-missing", "scoring-incomplete", "publicity-incomplete"]);
    expect(codes(after("application.scored"))).to.deep.equal(["publicity-incomplete"]);
    expect(codes(after("application.publicised"), { application: "unheard-of" })).to.deep.equal(["application-unknown"]);
    expect(codes(after("application.publicised"), { operator: STRANGER })).to.deep.equal(["application-unknown"]);
    expect(codes(after("application.publicised"))).to.deep.equal([]);
  });

  it("cannot be passed over by naming no application, unless the authorization is older than the ledger: that is told", () => {
    const { existing } = examples["suyuan.authorization.decided"].valid;
    const decided = (signedOn?: string) =>
      after("application.publicised").tell(
        at("2026-02-25T10:00", {
          ...decide,
          data: { ...decide.data, application: undefined, ...(signedOn === undefined ? {} : { existing: { ...existing, signedOn } }) },
        }),
      );
    expect(decided()).to.deep.equal(missing("application-unknown", "application"));
    expect(decided(BEFORE), "the day before the ledger began").to.deep.equal([{ code: "steps-before-ledger" }]);
    const younger = [...missing("application-unknown", "application"), { code: "steps-before-ledger" }];
    for (const day of [BEGAN, "2026-02-25", "2026-02-26"]) expect(decided(day), day).to.deep.equal(younger);
  });

  it("is decided on while it stands, and its announcement has neither failed nor been annulled", () => {
    const codes = (annulled?: readonly [kind: "application" | "announcement", step: string]) => {
      const world = after("application.publicised");
      if (annulled !== undefined) {
        const [name, step] = annulled;
        const subject = name === "application" ? APPLICATION : "yz-announcement-2026";
        const event = world.get<Stepped>({ name }, subject)!.steps[step]![0]!.act;
        world.tell(at("2026-02-20T10:00", example("correction.annulled", AUTHORITY, { event, subjectKind: name, subject })));
      }
      return world.codes(at("2026-02-25T10:00", decide));
    };
    expect(codes()).to.deep.equal([]);
    expect(codes(["application", "submitted"])).to.deep.equal(["application-unknown"]);
    expect(codes(["announcement", "published"])).to.deep.equal(["outside-window"]);
    const failed = after("application.publicised");
    failed.tell(at("2026-02-20T10:00", example("announcement.failed", AUTHORITY)));
    const failure = { event: failed.place, subjectKind: "announcement", subject: "yz-announcement-2026" };
    expect(failed.codes(at("2026-02-25T10:00", decide))).to.deep.equal(["outside-window"]);
    failed.tell(at("2026-02-25T11:00", example("correction.annulled", AUTHORITY, failure)));
    expect(failed.codes(at("2026-02-25T12:00", decide)), "it had not failed").to.deep.equal([]);
  });

  it("takes no further step once it is annulled", () => {
    const world = after("application.scored");
    const event = world.get(applications, APPLICATION)!.steps["submitted"]![0]!.act;
    expect(world.codes(at("2026-02-09T09:30", example("correction.annulled", AUTHORITY, { event, ...named })))).to.deep.equal([]);
    expect(world.codes(at("2026-02-09T10:00", show()))).to.deep.equal(["application-unknown"]);
  });

  it("is decided on once", () => {
    const codes = (world: World, change: object) => world.codes(at("2026-02-25T10:00", { ...decide, data: { ...decide.data, ...change } }));
    const world = after("authorization.decided");
    expect(codes(world, { authorization: "another" })).to.deep.equal(["authorization-exists"]);
    const { existing } = examples["suyuan.authorization.decided"].valid;
    const older = { authorization: "another", application: undefined, existing: { ...existing, signedOn: BEFORE } };
    expect(codes(world, older)).to.deep.equal(["steps-before-ledger"]);
  });
});
