import { useEffect, useState } from "preact/hooks";

import { secondsFor } from "../../../src/amounts.ts";
import { isEnding, type OrderView } from "../../../src/facts/order.ts";
import { chainNow } from "../chain/network.ts";
import { Card, Figure } from "../parts/Card.tsx";
import { said } from "../parts/format.ts";
import { Notice } from "../parts/states.tsx";
import { Amount, Duration, Time } from "../parts/values.tsx";
import { momentOf } from "./stream.ts";

/** The chain's time, each second anew. */
function useTick(): bigint {
  const [now, setNow] = useState(chainNow());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(chainNow());
    }, 1_000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

/** An hour or a tenth of what there was, whichever is less: then it is time to top up. */
function isShort({ deposited, ratePerSecond }: OrderView, runway: bigint): boolean {
  const whole = ratePerSecond === 0n ? 0n : secondsFor(deposited, ratePerSecond);
  return runway < (whole / 10n < 3_600n ? whole / 10n : 3_600n);
}

function Warning({ order, runway }: { readonly order: OrderView; readonly runway: bigint }) {
  if (order.status !== "Active") return null;
  if (isEnding(order)) {
    return (
      <Notice kind="warning" title="It is ending.">
        {order.stopTime !== undefined && <Time at={order.stopTime} />}, because: {said(order.reason)}
      </Notice>
    );
  }
  if (!isShort(order, runway)) return null;
  return (
    <Notice kind="warning" title="The deposit is nearly used up.">
      Top it up, or the order stops.
    </Notice>
  );
}

/** What an order has paid, what waits for a proof, and how long it lasts, counting each second. */
export function StreamCard({ order, readAt }: { readonly order: OrderView; readonly readAt: bigint }) {
  const now = useTick();
  const { undecided, runway, depletion } = momentOf(order, readAt, now);
  const isStreaming = order.status === "Active";
  return (
    <Card title="The stream" source="OrderEscrow.getOrder, accruedOf, undecidedOf, surplusOf and runwayOf">
      <Warning order={order} runway={runway} />
      <div class="figures">
        <Figure name="Paid for proven seconds">
          <Amount of={order.paid} />
        </Figure>
        <Figure name="Decided, to settle">
          <Amount of={order.accrued} />
        </Figure>
        <Figure name="Waits for a proof">
          <Amount of={undecided} />
        </Figure>
        <Figure name="Back by closing now">
          <Amount of={order.surplus} />
        </Figure>
        <Figure name="Lasts">{isStreaming ? <Duration of={runway} /> : "does not stream"}</Figure>
        <Figure name="Runs out">{isStreaming ? <Time at={depletion} /> : "–"}</Figure>
      </div>
    </Card>
  );
}
