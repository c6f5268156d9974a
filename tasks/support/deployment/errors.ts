import { exampleParametersFile } from "../parameterFiles.ts";
import { InputError } from "../../../src/inputError.ts";

/** Why a deployment is refused. */
export type DeploymentFault =
  | "MISSING_PARAMETER"
  | "ROLE_IS_NOBODY"
  | "ROLES_ARE_EQUAL"
  | "ROLE_IS_DEPLOYER"
  | "NO_CODE"
  | "LOCAL_TOKEN"
  | "INVALID_AMOUNT"
  | "SIMULATION_ROOT"
  | "NO_LOTTERY"
  | "SHORT_DELAY"
  | "BLOCK_TIME"
  | "STANDING"
  | "OTHER_CHAIN"
  | "CHANGED"
  | "STEP_FAILED"
  | "TIMED_OUT"
  | "NO_COIN";

/** A deployment was refused. */
export class DeploymentError extends InputError {
  readonly code: DeploymentFault;

  constructor(code: DeploymentFault, problem: string, remedy: string) {
    super(problem, remedy);
    this.code = code;
  }
}

/** What to do about a parameter. */
export const SET_IT = `Set it in the parameter file; ${exampleParametersFile()} explains how.`;
