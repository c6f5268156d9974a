/** Personal proxies: how to talk to a node's, how to serve one, and where programs plug in. */

export { type Carrier } from "./channel/client.ts";
export {
  ProxyClient,
  type BorrowedDataset,
  type DelegatedResult,
  type ProxySessionOptions,
  type UploadedDataset,
} from "./client.ts";
export { PROXY_FAULTS, ProxyError, type ProxyFault } from "./errors.ts";
export { gatewayCarrier } from "./gatewayCarrier.ts";
export { collectGrantEvidence, type GrantEvidence } from "./grantEvidence.ts";
export { MAX_RESULT, OWN_PROGRAMS, type ProxyProgram } from "./program.ts";
export { signedCapabilityForm, type SignedCapability } from "./protocol.ts";
export { MAX_VIEW_AGE, ProxyChain } from "./proxyChain.ts";
export { ProxyService, type ProxyOptions } from "./service.ts";
export type { AuditEntry, LogHead } from "./vault/auditLog.ts";
export { HostFolder, type HostStore } from "./vault/hostStore.ts";
export { proxyDomain, signCapability, type Capability } from "../eip712/proxy.ts";
