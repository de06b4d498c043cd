import { expect } from "chai";
import { complaints } from "../../../chaincode/events/complaint";
import { TOLD_BY_GATEWAYS, TOLD_OF_DUTIES, TOLD_OF_FACTS } from "../../../chaincode/events/codes";
import { SUPERVISOR, watched } from "./oversight";
import { AUTHORITY, DEVELOPER, example, OPERATOR, STRANGER, TRANSPORT, World } from "./world";

type Step = "assigned" | "explained" | "confirmed" | "dismissed" | "closed" | "referred";

/** A world in which the operator pulled without a scenario, and what may be said of that. */
function found(party = OPERATOR): { world: World; say: (step: Step, by: string, change?: object) => readonly string[] | undefined } {
  const world = watched("product.called");
  world.tell(example("data.pulled", party, { scenario: "unheard-of" }));
  const about = { event: world.place, code: "scenario-not-approved" };
  return { world, say: (step, by, change = {}) => world.codes(example(`finding.${step}`, by, { ...about, ...change })) };
}

const dutyOf = (code: string): object => (TOLD_OF_DUTIES.has(code) ? { duty: "audit" } : {});

const STEPS: readonly Step[] = ["assigned", "explained", "confirmed", "dismissed", "closed", "referred"];
const by = (step: Step): string => (step === "explained" ? OPERATOR : SUPERVISOR);

describe("a finding", () => {
  it("is what the ledger found: no other code, and no other event", () => {
    for (const step of STEPS) {
      expect(found().say(step, by(step), { code: "outside-term" }), step).to.include("finding-unknown");
      expect(found().say(step, by(step), { event: "SuyuanMSP/facts/2" }), step).to.include("finding-unknown");
      expect(found().say(step, by(step)), step).to.not.include("finding-unknown");
    }
  });

  it("is taken as it is where gateways tell it, who compare", () => {
    for (const code of TOLD_BY_GATEWAYS)
      expect(found().say("confirmed", SUPERVISOR, { event: "SuyuanMSP/facts/1", code, ...dutyOf(code) })).to.deep.equal([]);
  });

  it("is explained by whose event it is, or by whom it was assigned to", () => {
    const { say } = found();
    expect(say("explained", DEVELOPER)).to.deep.equal(["finding-not-assigned"]);
    expect(say("explained", OPERATOR)).to.deep.equal([]);
    expect(say("assigned", SUPERVISOR, { to: DEVELOPER })).to.deep.equal([]);
    expect(say("explained", OPERATOR)).to.deep.equal(["finding-not-assigned"]);
    expect(say("explained", DEVELOPER)).to.deep.equal([]);
  });

  it("is not explained any more once there is a verdict", () => {
    for (const verdict of ["confirmed", "dismissed"] as const) {
      const { say } = found();
      say(verdict, SUPERVISOR);
      expect(say("explained", OPERATOR), verdict).to.deep.equal(["finding-settled"]);
      say("closed", AUTHORITY);
      expect(say("explained", OPERATOR), `${verdict}, closed`).to.deep.equal(["finding-settled"]);
    }
  });

  it("that only comparing reports shows is of a fact", () => {
    for (const code of TOLD_BY_GATEWAYS)
      expect(found().say("confirmed", SUPERVISOR, { event: "SuyuanMSP/acts/1", code, ...dutyOf(code) }), code).to.deep.equal(
        TOLD_OF_FACTS.has(code) ? ["finding-unknown"] : [],
      );
  });

  it("that only gateways tell is explained once it is assigned", () => {
    const { say } = found();
    const differs = { event: "SuyuanMSP/facts/1", code: "supplied-not-pulled" };
    expect(say("explained", TRANSPORT, differs)).to.deep.equal(["finding-not-assigned"]);
    say("assigned", AUTHORITY, differs);
    expect(say("explained", TRANSPORT, differs)).to.deep.equal([]);
  });

  it("goes to parties that are registered", () => {
    for (const step of ["assigned", "referred"] as const) {
      expect(found().say(step, AUTHORITY, { to: "91990000MA1A00110Y" }), step).to.deep.equal(["party-unknown"]);
      expect(found().say(step, AUTHORITY, { to: DEVELOPER }), step).to.deep.equal([]);
    }
  });

  it("is closed once it is confirmed or dismissed", () => {
    const settled = { ...found() };
    expect(settled.say("closed", SUPERVISOR)).to.deep.equal(["finding-not-settled"]);
    settled.say("referred", SUPERVISOR);
    settled.say("assigned", SUPERVISOR);
    expect(settled.say("closed", SUPERVISOR)).to.deep.equal(["finding-not-settled"]);
    for (const step of ["confirmed", "dismissed"] as const) {
      const { say } = found();
      expect(say(step, SUPERVISOR), step).to.deep.equal([]);
      expect(say("closed", AUTHORITY), step).to.deep.equal([]);
    }
  });

  it("is settled no longer where its confirmation was withdrawn", () => {
    const { world, say } = found();
    const pulled = world.place;
    say("confirmed", SUPERVISOR);
    const subject = { subjectKind: "finding", subject: `${pulled}/scenario-not-approved` };
    expect(world.codes(example("correction.withdrawn", SUPERVISOR, { event: world.place, ...subject }))).to.deep.equal([]);
    expect(say("closed", AUTHORITY)).to.deep.equal(["finding-not-settled"]);
  });

  it("is neither closed nor dismissed by who is responsible for it, in whatever role", () => {
    for (const step of ["closed", "dismissed"] as const) {
      const { say } = found();
      say("confirmed", SUPERVISOR);
      say("assigned", AUTHORITY, { to: SUPERVISOR });
      expect(say(step, SUPERVISOR), step).to.deep.equal(["same-hands"]);
      expect(say(step, AUTHORITY), step).to.deep.equal([]);
    }
  });

  it("of one's own report is not closed either", () => {
    const world = watched("product.called");
    world.tell(example("security.risk-found", AUTHORITY, { addressees: [] }));
    const own = { event: world.place, code: "addressee-missing" };
    expect(world.codes(example("finding.confirmed", AUTHORITY, own)), "confessed").to.deep.equal([]);
    expect(world.codes(example("finding.closed", AUTHORITY, own))).to.deep.equal(["same-hands"]);
    expect(world.codes(example("finding.closed", SUPERVISOR, own))).to.deep.equal([]);
  });
});

describe("an overdue duty", () => {
  const of = (change: object) =>
    watched("product.called").codes(example("finding.assigned", AUTHORITY, { code: "duty-overdue", ...change }));

  it("is named by the duty too, since one event begins several", () => {
    expect(of({})).to.deep.equal(["finding-unknown"]);
    for (const duty of ["audit", "disclosure-of-products:2025"]) expect(of({ duty }), duty).to.deep.equal([]);
    expect(of({ duty: "audit", code: "amounts-differ" }), "which is no duty").to.deep.equal(["finding-unknown"]);
  });

  it("is settled without the others that the same event began", () => {
    const world = watched("product.called");
    const say = (step: "explained" | "confirmed" | "closed", by: string, duty: string) =>
      world.codes(example(`finding.${step}`, by, { code: "duty-overdue", duty }));
    expect(say("confirmed", SUPERVISOR, "audit")).to.deep.equal([]);
    expect(say("closed", SUPERVISOR, "filing")).to.deep.equal(["finding-not-settled"]);
    expect(say("closed", SUPERVISOR, "audit")).to.deep.equal([]);
  });
});

describe("a duty of one's own", () => {
  const settle = (duty: string, party: string) => {
    const world = watched("product.called");
    const named = { code: "duty-overdue", duty };
    expect(world.codes(example("finding.confirmed", SUPERVISOR, named))).to.deep.equal([]);
    return (["dismissed", "closed"] as const).map((step) => World.from(world.state()).codes(example(`finding.${step}`, party, named)));
  };

  it("is neither dismissed nor closed by who owes it", () => {
    for (const duty of ["filing", "disclosure-of-authorizations:2025"]) {
      expect(settle(duty, AUTHORITY), duty).to.deep.equal([["same-hands"], ["same-hands"]]);
      expect(settle(duty, SUPERVISOR), duty).to.deep.equal([[], []]);
    }
    for (const duty of ["audit", "unheard-of"]) expect(settle(duty, AUTHORITY), duty).to.deep.equal([[], []]);
  });
});

describe("a finding that is closed", () => {
  it("is neither assigned nor judged nor closed again, unless its closing is withdrawn", () => {
    const { world, say } = found();
    const event = world.place;
    say("confirmed", SUPERVISOR);
    say("closed", SUPERVISOR);
    const closing = { event: world.place, subjectKind: "finding", subject: `${event}/scenario-not-approved` };
    for (const step of ["assigned", "confirmed", "dismissed", "closed"] as const)
      expect(say(step, AUTHORITY), step).to.deep.equal(["finding-settled"]);
    expect(say("referred", AUTHORITY), "it may still go to another body").to.deep.equal([]);
    expect(world.codes(example("correction.withdrawn", SUPERVISOR, closing))).to.deep.equal([]);
    for (const step of ["assigned", "confirmed", "dismissed", "closed"] as const) expect(say(step, AUTHORITY), step).to.deep.equal([]);
  });
});

describe("a finding of one's own", () => {
  const risk = () => {
    const world = watched("product.called");
    world.tell(example("security.risk-found", AUTHORITY, { addressees: [] }));
    return { world, own: { event: world.place, code: "addressee-missing" } };
  };

  it("is not closed by assigning it away first", () => {
    const { world, own } = risk();
    world.tell(example("finding.assigned", AUTHORITY, { ...own, to: OPERATOR }));
    world.tell(example("finding.confirmed", SUPERVISOR, own));
    for (const step of ["dismissed", "closed"] as const)
      expect(world.codes(example(`finding.${step}`, AUTHORITY, own)), step).to.deep.equal(["same-hands"]);
    expect(world.codes(example("finding.closed", SUPERVISOR, own))).to.deep.equal([]);
  });

  it("is one's own under another name", () => {
    const { world, own } = risk();
    const renamed = "91990000MA1A00110Y";
    world.tell(example("party.renamed", AUTHORITY, { code: renamed, former: AUTHORITY }));
    expect(world.codes(example("finding.dismissed", renamed, own))).to.deep.equal(["same-hands"]);
    expect(world.codes(example("finding.dismissed", SUPERVISOR, own))).to.deep.equal([]);
  });
});

describe("a complaint", () => {
  it("is anyone's, with a name or without, and is answered once it was received", () => {
    const world = watched("authorization.signed");
    expect(world.codes(example("complaint.answered", AUTHORITY))).to.deep.equal(["complaint-unknown"]);
    expect(world.codes(example("complaint.received", DEVELOPER, { complainant: undefined }))).to.deep.equal([]);
    expect(world.codes(example("complaint.received", AUTHORITY))).to.deep.equal([]);
    expect(world.codes(example("complaint.answered", AUTHORITY))).to.deep.equal([]);
    expect(world.codes(example("complaint.answered", AUTHORITY, { complaint: "yz-complaint-0002" }))).to.deep.equal(["complaint-unknown"]);
  });

  it("is whose it was said first to be, and nobody's where others use its number before it is answered", () => {
    const said = (...told: readonly ReturnType<typeof example>[]): string | undefined => {
      const world = watched("authorization.signed");
      for (const report of told) world.tell(report);
      return world.get(complaints, "yz-complaint-0001")?.party;
    };
    const [first, second] = [example("complaint.received", DEVELOPER), example("complaint.received", STRANGER)];
    const answer = example("complaint.answered", AUTHORITY);
    expect(said(first, first, answer)).to.equal(DEVELOPER);
    expect(said(first, second, answer), "taken before").to.equal(undefined);
    expect(said(first, second, first)).to.equal(undefined);
    expect(said(first, answer, second)).to.equal(DEVELOPER);
  });
});
