import { validatorConfig, type ValidatorConfig } from "./schema.ts";
import { loadConfig, type ConfigSources } from "../../service/config/load.ts";

/** Loads a validator service's configuration; see {@link loadConfig}. */
export const loadValidatorConfig = (sources: ConfigSources): ValidatorConfig =>
  loadConfig({ service: "validator", schema: validatorConfig }, sources);
