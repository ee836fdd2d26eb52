/** One memory map in one webview: which trace it shows, what is selected, where its sources are. */
import { basename } from "node:path";
import * as vscode from "vscode";
import type { MapModel } from "../../core/report/map-model.js";
import {
  cut,
  mapMessage,
  memoryMapArguments,
  type LiveCounts,
  type MapSelection,
  type MemoryMapApi,
  type MemoryMapEvent,
  type ShownMap,
} from "../../protocol/memory-map.js";
import { CommandId, SettingId, type SourceTarget } from "../ids.js";
import type { Services } from "../services.js";
import type { ShownTrace } from "../traces/trace-store.js";
import { connect, sentenceOf } from "./connection.js";
import { saveFile } from "./save-file.js";
import { sourcePosition } from "./source-position.js";

export interface MapConnection extends vscode.Disposable {
  /** Reads again what `trace` gives, and shows it. */
  refresh(): void;
  /** As soon as there is a map to select in. */
  select(target: MapSelection): void;
  tellLive(live: LiveCounts | undefined): void;
}

/** `trace` gives what is to be shown; it rejects with one sentence for a person. */
export function connectMap(
  services: Services,
  panel: vscode.WebviewPanel,
  trace: () => Promise<ShownTrace | undefined>,
): MapConnection {
  let loaded: { readonly trace: ShownTrace; readonly model: MapModel } | undefined;
  let wanted: MapSelection | undefined;
  let live: LiveCounts | undefined;
  let listening = false;
  let reading = 0;

  const connection = connect<MemoryMapApi, MemoryMapEvent>(
    services,
    panel.webview,
    { view: "map", title: panel.title },
    {
      ready: {
        decode: memoryMapArguments.none,
        run: () => {
          listening = true;
          connection.tell({ type: "live", live });
          void refresh();
        },
      },
      revealSource: { decode: memoryMapArguments.revealSource, run: revealSource },
      save: {
        decode: memoryMapArguments.save,
        run: (format, content) => saveFile("memory-map", format, content),
      },
      traceProgram: {
        decode: memoryMapArguments.none,
        run: async () => {
          await vscode.commands.executeCommand(CommandId.Trace);
        },
      },
      openTrace: {
        decode: memoryMapArguments.none,
        run: async () => {
          await vscode.commands.executeCommand(CommandId.OpenTrace);
        },
      },
    },
  );

  return {
    refresh: () => {
      if (!listening) return; // The page asks when it is there.
      void refresh();
    },
    select: (target) => {
      wanted = target;
      if (!listening || loaded === undefined) return;
      connection.tell({ type: "select", target });
      wanted = undefined;
    },
    tellLive: (next) => {
      live = next;
      if (listening) connection.tell({ type: "live", live });
    },
    dispose: () => {
      connection.dispose();
    },
  };

  /** Of several under way, the last one is shown. */
  async function refresh(): Promise<void> {
    const mine = ++reading;
    connection.tell({ type: "reading" });
    const shown = await load();
    if (mine === reading) connection.tell({ type: "traceChanged", shown });
  }

  async function load(): Promise<ShownMap> {
    loaded = undefined;
    try {
      const current = await trace();
      if (current === undefined) return { kind: "nothing" };
      const model = { ...(await services.analysis.map(current.path)), counted: current.report.counted };
      loaded = { trace: current, model };
      const select = wanted;
      wanted = undefined;
      return {
        kind: "trace",
        path: current.path,
        title: titleOf(current),
        heat: heat(),
        map: mapMessage(model),
        select,
      };
    } catch (error) {
      services.log.error(`The memory map cannot be shown: ${String(error)}`);
      return { kind: "problem", sentence: sentenceOf(error) };
    }
  }

  async function revealSource(pid: number, object: number, focus: boolean): Promise<boolean> {
    const position = loaded && sourcePosition(loaded.model, loaded.trace.report, pid, object);
    if (position === undefined) return false;
    const target: SourceTarget = { ...position, column: columnBeside(panel), preserveFocus: !focus };
    await vscode.commands.executeCommand(CommandId.RevealSource, target);
    return true;
  }
}

/** The command that was traced, as it was called. */
function titleOf({ path, report }: ShownTrace): string {
  return cut(report.command.length > 0 ? report.command.join(" ") : basename(path));
}

function heat(): "faults" | "time" {
  return vscode.workspace.getConfiguration().get(SettingId.MapHeat) === "time" ? "time" : "faults";
}

/** A column with a text editor beside the map, so that the source never covers it. */
function columnBeside({ viewColumn }: vscode.WebviewPanel): vscode.ViewColumn {
  const other = vscode.window.visibleTextEditors.find(
    (editor) => editor.viewColumn !== undefined && editor.viewColumn !== viewColumn,
  );
  if (other?.viewColumn !== undefined) return other.viewColumn;
  return viewColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Two : vscode.ViewColumn.One;
}
