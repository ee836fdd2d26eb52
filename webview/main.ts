/** The script of the editor's webviews: one page each for the memory map and the layout of a binary. */
import { showMapView } from "./editor/map-view.js";
import { showLayoutView } from "./layout/layout-view.js";
import { toolkitControls } from "./ui/controls.js";

const root = document.getElementById("root");
if (root !== null) {
  if (document.body.dataset["view"] === "layout") showLayoutView(root, toolkitControls());
  else showMapView(root, toolkitControls());
}
