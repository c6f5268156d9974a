import { getAddress, type TypedDataDomain } from "ethers";

import { gatewayDomain } from "../../eip712/gateway.ts";
import type { Audience } from "../../eip712/access.ts";

/** Who this gateway is in tokens: what is for another chain, escrow, node or origin is for somebody else. */
export class OwnAudience implements Audience {
  readonly chainId: number;
  readonly orderEscrow: string;
  readonly node: number;
  readonly gateway: string;

  constructor({ chainId, orderEscrow, node, gateway }: Audience) {
    this.chainId = chainId;
    this.orderEscrow = getAddress(orderEscrow);
    this.node = node;
    this.gateway = gateway;
  }

  /** The domain in which users sign. */
  get domain(): TypedDataDomain {
    return gatewayDomain(BigInt(this.chainId), this.orderEscrow);
  }

  /** The claim `aud` of the gateway's own tokens. */
  get claim(): string {
    const { chainId, orderEscrow, node, gateway } = this;
    return `computing-power:gateway:${String(chainId)}:${orderEscrow.toLowerCase()}:${String(node)}:${gateway}`;
  }

  /** The first thing in which another audience differs, in words; undefined for this one. */
  differenceFrom(other: Audience): string | undefined {
    if (other.chainId !== this.chainId) return `chain ${String(other.chainId)}, not ${String(this.chainId)}`;
    if (getAddress(other.orderEscrow) !== this.orderEscrow)
      return `the escrow ${other.orderEscrow}, not ${this.orderEscrow}`;
    if (other.node !== this.node) return `node ${String(other.node)}, not ${String(this.node)}`;
    return other.gateway === this.gateway ? undefined : `another origin than ${this.gateway}`;
  }
}
