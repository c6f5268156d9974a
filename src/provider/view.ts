import type { Block } from "../chain/block.ts";
import { enumName, type EnumName } from "../enums.ts";
import type { Protocol } from "../protocol.ts";

/** A node as the chain has it. Times are Unix seconds by the chain's clock, amounts base units. */
export interface NodeView {
  readonly id: bigint;
  readonly provider: string;
  readonly enclaveKey: string;
  /** Attestations that were accepted. */
  readonly attestations: bigint;
  readonly validUntil: bigint;
  /** 0 while no end is set. */
  readonly endedAt: bigint;
  readonly endReason: string;
  readonly tcbStatus: string;
  readonly verifiedBy: string;
  /** 0 while the node is not suspended. */
  readonly suspendedSince: bigint;
  readonly suspensionEndableAt: bigint;
  /** Whether it took its platform over and waits until `liveFrom`. */
  readonly isChallenger: boolean;
  readonly liveFrom: bigint;
  readonly isLive: boolean;
  /** Whether it takes new orders. */
  readonly isOpen: boolean;
  readonly units: bigint;
  readonly unitsInUse: bigint;
  readonly ratePerUnit: bigint;
  readonly requiredRate: bigint;
  readonly url: string;
  /** What its orders have earned and nobody has withdrawn. */
  readonly earnings: bigint;
  /** Stake that is locked for it and no order needs. */
  readonly idleLock: bigint;
}

/** The provider's account. Amounts are base units. */
export interface AccountView {
  /** Wei. */
  readonly coins: bigint;
  readonly tokens: bigint;
  /** Tokens that the vault may take. */
  readonly allowance: bigint;
  readonly stake: bigint;
  readonly freeStake: bigint;
  /** What orders may lock, and have locked. */
  readonly ordersCap: bigint;
  readonly ordersLocked: bigint;
}

/** What the duties decide by, all of one block. */
export interface ProviderView {
  readonly number: bigint;
  readonly now: bigint;
  readonly epoch: bigint;
  readonly epochLength: bigint;
  /** Seconds that an attestation holds at most. */
  readonly maximumAge: bigint;
  readonly nodesPaused: boolean;
  readonly ordersPaused: boolean;
  /** Wei that a unit of gas cost in this block. */
  readonly gasPrice: bigint;
  /** Decimals of the token. */
  readonly decimals: number;
  readonly nodes: readonly NodeView[];
  readonly account: AccountView;
}

async function readNode({ nodeRegistry, orderEscrow }: Protocol, id: bigint, blockTag: number): Promise<NodeView> {
  const at = { blockTag };
  const [node, isLive, terms, [since, endableAt], [, kind], unitsInUse, { balance }, idleLock, url] = await Promise.all(
    [
      nodeRegistry.getNode(id, at),
      nodeRegistry.isLive(id, at),
      nodeRegistry.orderTermsOf(id, at),
      nodeRegistry.suspensionOf(id, at),
      nodeRegistry.verifierOf(id, at),
      orderEscrow.unitsInUse(id, at),
      orderEscrow.earningsOf(id, at),
      orderEscrow.idleLockOf(id, at),
      nodeRegistry.urlOf(id, at),
    ],
  );
  const { provider, enclaveKey, attestations, validUntil, endedAt, isChallenger, liveFrom } = node;
  const { units, ratePerUnit, requiredRate } = node;
  const named = (kindOf: EnumName, value: bigint): string => enumName(kindOf, value);
  return {
    ...{ id, provider, enclaveKey, attestations, validUntil, endedAt, isChallenger, liveFrom },
    ...{ isLive, isOpen: terms.open, units, unitsInUse, ratePerUnit, requiredRate, url, idleLock },
    endReason: named("EndReason", node.endReason),
    tcbStatus: named("TcbStatus", node.tcbStatus),
    verifiedBy: named("VerifierKind", kind),
    suspendedSince: since,
    suspensionEndableAt: endableAt,
    earnings: balance,
  };
}

async function readAccount(protocol: Protocol, account: string, blockTag: number): Promise<AccountView> {
  const { stakeVault, token, orderEscrow } = protocol;
  const at = { blockTag };
  const [vault, escrow] = await Promise.all([stakeVault.getAddress(), orderEscrow.getAddress()]);
  const [coins = 0n, tokens, allowance, [stake], freeStake, [ordersCap, ordersLocked]] = await Promise.all([
    token.runner?.provider?.getBalance(account, blockTag),
    token.balanceOf(account, at),
    token.allowance(account, vault, at),
    stakeVault.stakeOf(account, at),
    stakeVault.freeStakeOf(account, at),
    stakeVault.allowanceOf(account, escrow, at),
  ]);
  return { coins, tokens, allowance, stake, freeStake, ordersCap, ordersLocked };
}

/** Reads all that the duties decide by, at one block. */
export async function readView(
  protocol: Protocol,
  { number, time }: Block,
  { provider, nodeIds }: { readonly provider: string; readonly nodeIds: readonly bigint[] },
): Promise<ProviderView> {
  const at = { blockTag: number };
  const { nodeRegistry, challengeManager, orderEscrow } = protocol;
  const [epoch, epochLength, policy, ordersPaused, decimals, block, account, nodes] = await Promise.all([
    challengeManager.currentEpoch(at),
    nodeRegistry.epochLength(at),
    nodeRegistry.policy(at),
    orderEscrow.paused(at),
    protocol.token.decimals(at),
    protocol.token.runner?.provider?.getBlock(number),
    readAccount(protocol, provider, number),
    Promise.all(nodeIds.map(async (id) => readNode(protocol, id, number))),
  ]);
  const { maximumAge, paused: nodesPaused } = policy;
  const now = BigInt(time);
  return {
    ...{ number: BigInt(number), now, epoch, epochLength, maximumAge, nodesPaused, ordersPaused, nodes, account },
    gasPrice: block?.baseFeePerGas ?? 0n,
    decimals: Number(decimals),
  };
}
