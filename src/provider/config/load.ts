import { providerConfig, type ProviderConfig } from "./schema.ts";
import { completeConfig, loadConfig, type ConfigFields, type ConfigSources } from "../../service/config/load.ts";

const KIND = { service: "provider", schema: providerConfig };

/** Makes a provider service's configuration of fields; see {@link completeConfig}. */
export const completeProviderConfig = (fields: ConfigFields): ProviderConfig => completeConfig(KIND, fields);

/** Loads a provider service's configuration; see {@link loadConfig}. */
export const loadProviderConfig = (sources: ConfigSources): ProviderConfig => loadConfig(KIND, sources);
