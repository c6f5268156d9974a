/** The process of one device: see serve.ts. Started by deviceProcess.ts. */
import { serve } from "./serve.ts";

serve();
