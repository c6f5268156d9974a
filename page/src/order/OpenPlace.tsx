import { useState } from "preact/hooks";

import { costUpOf, parseAmount, secondsFor } from "../../../src/amounts.ts";
import type { OfferDocument } from "../../../src/documents/orders.ts";
import { viewNode, type NodeView } from "../../../src/facts/node.ts";
import { InputError } from "../../../src/inputError.ts";
import { go, href, idOf, route } from "../app/route.ts";
import { useChain } from "../chain/context.ts";
import type { ChainContext } from "../chain/chainContext.ts";
import { chainNow } from "../chain/network.ts";
import { useRead } from "../chain/reading.ts";
import { chosenOf, isDearer, readOffers } from "../node/offers.ts";
import { Card } from "../parts/Card.tsx";
import { Check, TextField, typed } from "../parts/fields.tsx";
import { writeAmount } from "../parts/format.ts";
import { Empty, Loaded, Notice } from "../parts/states.tsx";
import { Amount, Duration, Facts, Foreign, Hex, Rate, Time } from "../parts/values.tsx";
import { Measurement } from "../parts/Measurement.tsx";
import type { Plan } from "../wallet/plan.ts";
import type { PlanReceipt } from "../wallet/undertaking.ts";
import { review } from "../wallet/review.ts";

/** What an order is opened with. */
interface Terms {
  readonly node: NodeView;
  readonly document: OfferDocument;
  readonly deposit: bigint;
  readonly onChainOnly: boolean;
}

/** The number of the order that a transaction opened. */
function openedBy({ config, protocol: { orderEscrow } }: ChainContext, { logs }: PlanReceipt): bigint | undefined {
  const own = logs.filter(({ address }) => address === config.book.contracts.orderEscrow);
  const events = own.map((log) => orderEscrow.interface.parseLog({ topics: [...log.topics], data: log.data }));
  const opened = events.find((event) => event?.name === "OrderOpened");
  return opened?.args["orderId"] as bigint | undefined;
}

/** How long a deposit lasts. An offer is a stranger's, and may cost nothing. */
function lastingOf(deposit: bigint, { ratePerSecond }: OfferDocument["offer"]) {
  return ratePerSecond === 0n ? "for ever" : <Duration of={secondsFor(deposit, ratePerSecond)} />;
}

function planOf(chain: ChainContext, { node, document, deposit, onChainOnly }: Terms): Plan {
  const { offer, signature } = document;
  return {
    title: `Open an order at node ${node.nodeId.toString()}`,
    facts: [
      ["Hardware", <Foreign text={`${String(offer.units)} of ${node.model}`} />],
      ["Price", <Rate of={offer.ratePerSecond} />],
      ["Deposit", <Amount of={deposit} />],
      ["Lasts, if all is proven", lastingOf(deposit, offer)],
      ["Stake behind it", <Amount of={offer.stakeLock} />],
      ["Provider", <Hex of={offer.provider} label="provider" />],
      ["Measurement of its code", <Measurement of={offer.mrEnclave} />],
      ["Only while verified by the chain itself", onChainOnly ? "yes" : "no"],
    ],
    warning: "You pay only for seconds that proofs cover, and can close at any time: what is not used comes back.",
    spends: {
      amount: deposit,
      spender: chain.config.book.contracts.orderEscrow,
      withPermit: async ({ orderEscrow }, permit) =>
        orderEscrow.openWithPermit.populateTransaction(offer, signature, deposit, onChainOnly, permit),
    },
    transaction: async ({ orderEscrow }) =>
      orderEscrow.open.populateTransaction(offer, signature, deposit, onChainOnly),
    onDone: (receipt) => {
      const orderId = openedBy(chain, receipt);
      if (orderId !== undefined) go(`order/${orderId.toString()}`);
    },
  };
}

/** The least deposit that is taken: two epochs' cost, and what the offer says. */
export function leastDeposit({ offer }: OfferDocument, epochLength: bigint): bigint {
  const two = costUpOf(offer.ratePerSecond, 2n * epochLength);
  return offer.minDeposit > two ? offer.minDeposit : two;
}

function DepositForm({ node, document, least }: { node: NodeView; document: OfferDocument; least: bigint }) {
  const chain = useChain();
  const { token } = chain;
  const [text, setText] = useState("");
  const [onChainOnly, setOnChainOnly] = useState(false);
  const { value, fault } = typed(text, (amount) => {
    const deposit = parseAmount(amount, token.decimals);
    if (deposit >= least) return deposit;
    const { exact } = writeAmount(least, token.decimals, token.symbol);
    throw new InputError(`The deposit must be at least ${exact}`, "It covers two epochs and the offer's minimum.");
  });
  return (
    <>
      <TextField
        label={`Deposit in ${token.symbol}`}
        hint={
          value === undefined ? (
            <>
              At least <Amount of={least} />
            </>
          ) : (
            <>Lasts {lastingOf(value, document.offer)}, if all is proven</>
          )
        }
        value={text}
        fault={fault}
        inputMode="decimal"
        onInput={setText}
      />
      <Check
        label="Only while the node's newest quote was verified by the chain itself"
        isOn={onChainOnly}
        onChange={setOnChainOnly}
      />
      <div>
        <button
          type="button"
          class="main"
          disabled={value === undefined}
          onClick={() => {
            if (value !== undefined) review(planOf(chain, { node, document, deposit: value, onChainOnly }));
          }}
        >
          Review the order
        </button>
      </div>
    </>
  );
}

/** An offer is taken: its terms, the deposit, and then the review. */
export function OpenPlace() {
  const nodeId = idOf(route.value);
  if (nodeId === undefined) return <Empty>Name the node to order from by its number.</Empty>;
  return <OpenAt nodeId={nodeId} />;
}

/** Says why there is nothing to order: nothing at all, or not what was chosen. */
function NoOffer({ nodeId, offers }: { readonly nodeId: bigint; readonly offers: readonly OfferDocument[] }) {
  if (offers.length === 0) return <Empty>The node's gateway offers nothing now.</Empty>;
  return (
    <Empty>
      The offer that was chosen is not among those of the node's gateway any longer.{" "}
      <a href={href(`node/${nodeId.toString()}`)}>See what it offers now</a>
    </Empty>
  );
}

function OpenAt({ nodeId }: { readonly nodeId: bigint }) {
  const wanted = route.value.query.get("offer");
  const reading = useRead(
    `open ${nodeId.toString()}`,
    async (chain) => {
      const node = await viewNode(chain, nodeId, chainNow());
      const [offers, length] = await Promise.all([
        readOffers(chain, node),
        chain.protocol.challengeManager.epochLength(),
      ]);
      return { node, offers, length };
    },
    { blocks: 0 },
  );
  return (
    <>
      <h1>Order from node {nodeId.toString()}</h1>
      <Loaded reading={reading}>
        {({ node, offers, length }) => {
          const document = chosenOf(offers, wanted);
          if (document === undefined) return <NoOffer nodeId={nodeId} offers={offers} />;
          const { offer } = document;
          return (
            <Card title="The offer" source="the node's gateway; the chain checks the provider's signature">
              <Facts
                rows={[
                  ["Hardware", <Foreign text={`${String(offer.units)} of ${node.model}`} />],
                  ["Price", <Rate of={offer.ratePerSecond} />],
                  ["Stake behind it", <Amount of={offer.stakeLock} />],
                  ["Good until", <Time at={offer.expiry} />],
                  ["Provider", <Hex of={offer.provider} label="provider" />],
                  ["Measurement", <Measurement of={offer.mrEnclave} />],
                ]}
              />
              {isDearer(document, node) && (
                <Notice kind="warning" title="This costs more than the node's price on the market:">
                  listed are <Rate of={node.ratePerUnit} /> a unit.
                </Notice>
              )}
              <DepositForm node={node} document={document} least={leastDeposit(document, length)} />
            </Card>
          );
        }}
      </Loaded>
    </>
  );
}
