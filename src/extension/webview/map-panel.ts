/** The memory map's panel: one, beside the source, back again after a restart with the trace and the view it had. */
import * as vscode from "vscode";
import { selectionOf, type MapSelection } from "../../protocol/memory-map.js";
import { CommandId, PanelId } from "../ids.js";
import type { Services } from "../services.js";
import { liveMap } from "./live-map.js";
import { connectMap, type MapConnection } from "./map-connection.js";
import { contentOf } from "./map-content.js";

export function registerMapPanel(services: Services): vscode.Disposable {
  const { traces, recordings } = services;
  let shown: { readonly panel: vscode.WebviewPanel; readonly map: MapConnection } | undefined;

  const live = liveMap(services, {
    isLookedAt: () => shown?.panel.visible === true,
    onChange: () => shown?.map.refresh(),
  });
  const adopt = (panel: vscode.WebviewPanel, rememberedPath: string | undefined): MapConnection => {
    let restore = rememberedPath;
    const map = connectMap(services, panel, async () => {
      const path = restore;
      restore = undefined;
      if (live.content !== undefined) return live.content;
      const trace = traces.current ?? (path === undefined ? undefined : await traces.open(path));
      return trace && contentOf(services, trace);
    });
    shown?.panel.dispose();
    shown = { panel, map };
    map.tellLive(recordings.current);
    panel.onDidChangeViewState(live.look);
    live.look();
    panel.onDidDispose(() => {
      map.dispose();
      if (shown?.panel === panel) shown = undefined;
    });
    return map;
  };
  const open = (): MapConnection => {
    if (shown !== undefined) {
      shown.panel.reveal(undefined, false);
      return shown.map;
    }
    const title = vscode.l10n.t("Memory Map");
    return adopt(vscode.window.createWebviewPanel(PanelId.MemoryMap, title, vscode.ViewColumn.Beside), undefined);
  };

  return vscode.Disposable.from(
    vscode.commands.registerCommand(CommandId.ShowMemoryMap, () => {
      open();
    }),
    vscode.commands.registerCommand(CommandId.RevealOnMap, (argument: unknown) => {
      const target = targetOf(argument);
      const map = open();
      if (target !== undefined) map.select(target);
    }),
    vscode.window.registerWebviewPanelSerializer(PanelId.MemoryMap, {
      deserializeWebviewPanel: (panel, state: unknown) => {
        adopt(panel, pathOf(state));
        return Promise.resolve();
      },
    }),
    live,
    traces.onDidChange(() => {
      live.forget();
      shown?.map.refresh();
    }),
    recordings.onDidChange(() => shown?.map.tellLive(recordings.current)),
    { dispose: () => shown?.panel.dispose() },
  );
}

/** Commands may be called by anyone, with anything. */
function targetOf(argument: unknown): MapSelection | undefined {
  try {
    return selectionOf(argument);
  } catch {
    return undefined; // Then the map is shown, and nothing selected on it.
  }
}

function pathOf(state: unknown): string | undefined {
  if (typeof state !== "object" || state === null || !("path" in state)) return undefined;
  return typeof state.path === "string" ? state.path : undefined;
}
