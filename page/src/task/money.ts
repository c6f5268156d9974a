/** Who gets money when a task ends. `provider` gets back what is left of its own stake. */
export type Party = "owner" | "node" | "validator" | "requester" | "treasury" | "provider";

/** Money that went from where it lay to somebody. */
export interface Flow {
  /** The requester's fees, or the provider's locked stake. */
  readonly from: "escrow" | "lock";
  readonly to: Party;
  /** Left out for the treasury. */
  readonly account?: string;
  /** Token base units. */
  readonly amount: bigint;
}

/** What a task's events say of money, in their order; amounts are token base units. */
export interface MoneyEvents {
  readonly requester: string;
  readonly provider: string;
  /** How it ended. */
  readonly status: string;
  readonly isAccepted: boolean;
  readonly nodeFee: bigint;
  readonly stakeLock: bigint;
  /** Back at the acceptance, because datasets had become cheaper, and at the end. */
  readonly refunded: readonly bigint[];
  readonly credited: readonly { readonly account: string; readonly amount: bigint }[];
  readonly compensated: readonly { readonly owner: string; readonly amount: bigint }[];
  readonly shares: readonly { readonly signer: string; readonly amount: bigint }[];
}

/** Ends that pay the node, and such that take all of its lock. */
const PAYS_NODE: ReadonlySet<string> = new Set(["Valid", "Unjudged"]);
const IN_FAULT: ReadonlySet<string> = new Set(["Invalid", "Late"]);

const sumOf = (flows: readonly Flow[]): bigint => flows.reduce((sum, { amount }) => sum + amount, 0n);

/** Owners are credited first, and the node last. */
function creditsOf({ credited, status, nodeFee }: MoneyEvents): Flow[] {
  const last = PAYS_NODE.has(status) && nodeFee > 0n ? credited.length - 1 : -1;
  return credited.map(({ account, amount }, i): Flow => {
    return { from: "escrow", to: i === last ? "node" : "owner", account, amount };
  });
}

/** What became of the lock beyond what it paid: the treasury's after a fault, else the provider's own again. */
function restOf({ status, isAccepted, stakeLock, provider }: MoneyEvents, paid: readonly Flow[]): Flow[] {
  const amount = isAccepted ? stakeLock - sumOf(paid.filter(({ from }) => from === "lock")) : 0n;
  if (IN_FAULT.has(status)) return [{ from: "lock", to: "treasury", amount }];
  return [{ from: "lock", to: "provider", account: provider, amount }];
}

/** The way of all money of a task that is over: of the escrow first, then of the lock. */
export function flowsOf(events: MoneyEvents): readonly Flow[] {
  const { requester, status, refunded, compensated, shares } = events;
  const paid: Flow[] = [
    ...creditsOf(events),
    ...shares.map(({ signer, amount }): Flow => {
      return { from: status === "Valid" ? "escrow" : "lock", to: "validator", account: signer, amount };
    }),
    { from: "escrow", to: "requester", account: requester, amount: refunded.reduce((sum, each) => sum + each, 0n) },
    ...compensated.map(({ owner, amount }): Flow => ({ from: "lock", to: "owner", account: owner, amount })),
  ];
  const all = [...paid, ...restOf(events, paid)].filter(({ amount }) => amount > 0n);
  return [...all.filter(({ from }) => from === "escrow"), ...all.filter(({ from }) => from === "lock")];
}

/** A band of the drawing, from its source's block on the left to the receiver's row on the right. */
export interface Band {
  readonly flow: Flow;
  /** Distances from the top, and the band's thickness at both ends. */
  readonly left: number;
  readonly right: number;
  readonly thickness: number;
}

/** The height of a receiver's row. */
export const ROW = 44;
/** A band is never thinner, so that it can be seen. */
const THINNEST = 2;

/** Lays flows out as bands: one row each, and as thick as their share of the largest source lets them. */
export function bandsOf(flows: readonly Flow[]): readonly Band[] {
  const rowsOf = (from: Flow["from"]): readonly Flow[] => flows.filter((flow) => flow.from === from);
  const scales = (["escrow", "lock"] as const).map((from) => {
    const rows = rowsOf(from);
    return rows.length === 0 ? Infinity : (rows.length * ROW * 3) / 4 / Number(sumOf(rows));
  });
  const scale = Math.min(...scales, (ROW * 3) / 4 / Math.max(1, ...flows.map(({ amount }) => Number(amount))));
  const next = { escrow: ROW / 8, lock: rowsOf("escrow").length * ROW + ROW / 8 };
  return flows.map((flow, i) => {
    const thickness = Math.max(THINNEST, Number(flow.amount) * scale);
    const left = next[flow.from];
    next[flow.from] += thickness;
    return { flow, left, right: i * ROW + (ROW - thickness) / 2, thickness };
  });
}
