import { useRead } from "../chain/reading.ts";
import { Badge, Card, Figure } from "../parts/Card.tsx";
import { Loaded } from "../parts/states.tsx";
import { amounts, numbered } from "../parts/columns.tsx";
import type { Column } from "../parts/Table.tsx";
import { TableCard } from "../parts/TableCard.tsx";
import { Amount, FromNow, Hex, Time } from "../parts/values.tsx";
import type { Plan } from "../wallet/plan.ts";
import { review } from "../wallet/review.ts";
import { connected } from "../wallet/connected.ts";
import {
  readChallenges,
  readDue,
  readSeats,
  readVerdicts,
  type ChallengeRow,
  type Seat,
  type VerdictRow,
} from "./validators.ts";

const seatColumns: readonly Column<Seat>[] = [
  {
    id: "account",
    head: "Validator",
    cell: ({ account }) => <Hex of={account} label="validator" />,
    sort: ({ account }) => account,
  },
  amounts("stake", "Stake", ({ stake }) => stake),
  {
    id: "pending",
    head: "Joins",
    isNumber: true,
    cell: ({ pending, activeFrom }) =>
      pending === 0n ? (
        "–"
      ) : (
        <>
          <Amount of={pending} /> <FromNow at={activeFrom} />
        </>
      ),
    sort: ({ pending }) => pending,
  },
  {
    id: "points",
    head: "Points now",
    isNumber: true,
    cell: ({ points }) => points.toString(),
    sort: ({ points }) => points,
  },
  {
    id: "challenges",
    head: "Challenges issued",
    isNumber: true,
    cell: ({ challenges }) => challenges,
    sort: ({ challenges }) => challenges,
  },
  {
    id: "key",
    head: "Signs with",
    cell: ({ signingKey }) => <Hex of={signingKey} label="signing key" />,
    csv: ({ signingKey }) => signingKey,
  },
];

function SeatsCard() {
  const reading = useRead("seats", readSeats, { blocks: 5 });
  return (
    <TableCard
      title="Seats"
      source="ValidatorSet; ChallengeManager.pointsOf and ChallengeIssued"
      reading={reading}
      name="seats"
      caption="Validators"
      noun="validator"
      columns={seatColumns}
      keyOf={({ account }) => account}
      sortedBy="-stake"
      empty="No validator is active: nothing is challenged or judged."
    />
  );
}

const challengeColumns: readonly Column<ChallengeRow>[] = [
  { id: "epoch", head: "Epoch", cell: ({ epoch }) => epoch.toString(), sort: ({ epoch }) => epoch },
  { id: "issuer", head: "By", cell: ({ issuer }) => <Hex of={issuer} label="issuer" />, sort: ({ issuer }) => issuer },
  {
    id: "point",
    head: "Point",
    cell: ({ rewarded }) => (rewarded ? "earned" : "none"),
    sort: ({ rewarded }) => (rewarded ? 1 : 0),
  },
  { id: "block", head: "Block", isNumber: true, cell: ({ block }) => block, sort: ({ block }) => block },
];

function ChallengesCard() {
  const reading = useRead("challenges", readChallenges, { blocks: 5 });
  return (
    <TableCard
      title="Challenges"
      source="ChallengeManager: ChallengeIssued"
      reading={reading}
      name="challenges"
      caption="Challenges"
      noun="challenge"
      columns={challengeColumns}
      keyOf={({ epoch }) => epoch.toString()}
      sortedBy="-epoch"
      empty="No epoch was challenged yet."
    />
  );
}

const verdictColumns: readonly Column<VerdictRow>[] = [
  numbered("task", ({ taskId }) => taskId),
  {
    id: "verdict",
    head: "Verdict",
    cell: ({ verdict }) => <Badge kind={verdict === "Valid" ? "good" : "bad"}>{verdict}</Badge>,
    sort: ({ verdict }) => verdict,
  },
  {
    id: "signers",
    head: "Signed by",
    cell: ({ signers }) =>
      signers.map((signer) => (
        <>
          <Hex key={signer} of={signer} label="signer" />{" "}
        </>
      )),
    csv: ({ signers }) => signers.join(" "),
  },
  { id: "block", head: "Block", isNumber: true, cell: ({ block }) => block, sort: ({ block }) => block },
];

function VerdictsCard() {
  const reading = useRead("verdicts", readVerdicts, { blocks: 5 });
  return (
    <TableCard
      title="Verdicts"
      source="TaskEscrow: VerdictGiven"
      reading={reading}
      name="verdicts"
      caption="Verdicts"
      noun="verdict"
      columns={verdictColumns}
      keyOf={({ taskId }) => taskId.toString()}
      sortedBy="-block"
      empty="No result was judged yet."
    />
  );
}

function withdrawPlan(periods: readonly bigint[], due: bigint, account: string): Plan {
  return {
    account,
    title: "Withdraw your rewards",
    facts: [
      ["Comes to your account", <Amount of={due} />],
      ["Of periods", periods.join(", ")],
      ["To", <Hex of={account} label="receiver" />],
    ],
    transaction: async ({ validatorRewards }) => validatorRewards.withdraw.populateTransaction([...periods], account),
  };
}

function OwnCard({ account }: { readonly account: string }) {
  const reading = useRead(`due ${account}`, async (chain) => readDue(chain, account));
  return (
    <Card title="Your rewards" source="ValidatorRewards.dueOf">
      <Loaded reading={reading} lines={2}>
        {({ due, periods, endsAt }) => (
          <>
            <div class="figures">
              <Figure name="Due to you">
                <Amount of={due} />
              </Figure>
              <Figure name="The running period ends">
                <Time at={endsAt} />
              </Figure>
            </div>
            <button
              type="button"
              disabled={due === 0n}
              onClick={() => {
                review(withdrawPlan(periods, due, account));
              }}
            >
              Withdraw
            </button>
            {due === 0n && <span class="hint"> Nothing is due: points of a period are paid when it has ended.</span>}
          </>
        )}
      </Loaded>
    </Card>
  );
}

/** The validators: their seats, points, challenges and verdicts; and what is due to whoever is connected. */
export function ValidatePlace() {
  const account = connected.value?.account;
  return (
    <>
      <h1>Validators</h1>
      <p class="faint">
        They challenge nodes at moments that nobody can foresee, and judge what tasks give. Their stake answers for what
        they sign.
      </p>
      {account !== undefined && <OwnCard account={account} />}
      <SeatsCard />
      <ChallengesCard />
      <VerdictsCard />
    </>
  );
}
