import type { ComponentType } from "preact";

import { DataPlace } from "../data/DataPlace.tsx";
import { DatasetPlace } from "../data/DatasetPlace.tsx";
import { ComparePlace } from "../market/ComparePlace.tsx";
import { MarketPlace } from "../market/MarketPlace.tsx";
import { NetworkPlace } from "../network/NetworkPlace.tsx";
import { NodePlace } from "../node/NodePlace.tsx";
import { OpenPlace } from "../order/OpenPlace.tsx";
import { OrderPlace } from "../order/OrderPlace.tsx";
import { OrdersPlace } from "../order/OrdersPlace.tsx";
import { ProvidePlace } from "../provide/ProvidePlace.tsx";
import { TaskPlace } from "../task/TaskPlace.tsx";
import { TasksPlace } from "../task/TasksPlace.tsx";
import { ValidatePlace } from "../validate/ValidatePlace.tsx";
import { SettingsPlace } from "./SettingsPlace.tsx";

/** A place on the page, by the first part of its path. */
export interface PlaceEntry {
  readonly path: string;
  /** What it is called in the navigation; places without it are reached from others. */
  readonly title?: string;
  readonly Component: ComponentType;
}

export const places: readonly PlaceEntry[] = [
  { path: "market", title: "Market", Component: MarketPlace },
  { path: "compare", Component: ComparePlace },
  { path: "node", Component: NodePlace },
  { path: "open", Component: OpenPlace },
  { path: "orders", title: "Orders", Component: OrdersPlace },
  { path: "order", Component: OrderPlace },
  { path: "provide", title: "Provide", Component: ProvidePlace },
  { path: "data", title: "Data", Component: DataPlace },
  { path: "dataset", Component: DatasetPlace },
  { path: "tasks", title: "Tasks", Component: TasksPlace },
  { path: "task", Component: TaskPlace },
  { path: "network", title: "Network", Component: NetworkPlace },
  { path: "validate", title: "Validate", Component: ValidatePlace },
  { path: "settings", Component: SettingsPlace },
];
