import { gatewayConfig, type GatewayConfig } from "./schema.ts";
import { completeConfig, loadConfig, type ConfigFields, type ConfigSources } from "../../service/config/load.ts";

const KIND = { service: "gateway", schema: gatewayConfig };

/** Makes a gateway's configuration of fields; see {@link completeConfig}. */
export const completeGatewayConfig = (fields: ConfigFields): GatewayConfig => completeConfig(KIND, fields);

/** Loads a gateway's configuration; see {@link loadConfig}. */
export const loadGatewayConfig = (sources: ConfigSources): GatewayConfig => loadConfig(KIND, sources);
