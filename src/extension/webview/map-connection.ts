/** One memory map in one webview: which trace it shows, what is selected, where its sources are. */
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
import { connect, sentenceOf } from "./connection.js";
import type { MapContent } from "./map-content.js";
import { saveFile } from "./save-file.js";
import { sourcePosition } from "./source-position.js";

export interface MapConnection extends vscode.Disposable {
  /** Reads again what `content` gives, and shows it. */
  refresh(): void;
  /** As soon as there is a map to select in. */
  select(target: MapSelection): void;
  tellLive(live: LiveCounts | undefined): void;
}

/** `content` gives what is to be shown; it rejects with one sentence for a person. */
export function connectMap(
  services: Services,
  panel: vscode.WebviewPanel,
  content: () => Promise<MapContent | undefined>,
): MapConnection {
  let shown: MapContent | undefined;
  let wanted: MapSelection | undefined;
  let live: LiveCounts | undefined;
  let listening = false;
  let reading = 0;
  let read = 0;

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
      // What is read now may be another one.
      if (!listening || shown === undefined || read !== reading) return;
      connection.tell({ type: "select", target });
      wanted = undefined;
    },
    tellLive: (next) => {
      live = next;
      if (listening) connection.tell({ type: "live", live });
    },
    dispose: () => {
      services.maps.show(panel, undefined);
      connection.dispose();
    },
  };

  /** Of several under way, the last one is shown. */
  async function refresh(): Promise<void> {
    const mine = ++reading;
    connection.tell({ type: "reading" });
    const [next, problem] = await content().then(
      (found) => [found, undefined] as const,
      (error: unknown) => [undefined, error] as const,
    );
    if (mine !== reading) return;
    read = mine;
    shown = next;
    services.maps.show(panel, next && { ...next, own: ownImages(next.model) });
    if (problem !== undefined) services.log.error(`The memory map cannot be shown: ${String(problem)}`);
    connection.tell({ type: "traceChanged", shown: messageOf(next, problem) });
  }

  function messageOf(next: MapContent | undefined, problem: unknown): ShownMap {
    if (problem !== undefined) return { kind: "problem", sentence: sentenceOf(problem) };
    if (next === undefined) return { kind: "nothing" };
    const { path, title, model, progress } = next;
    const select = wanted;
    wanted = undefined;
    return {
      kind: "trace",
      path,
      title,
      heat: heat(),
      progress,
      own: ownImages(model).map(cut),
      map: mapMessage(model),
      select,
    };
  }

  async function revealSource(pid: number, start: number, name: string, focus: boolean): Promise<boolean> {
    const position = shown && sourcePosition(shown.model, shown.report, { pid, start, name });
    if (position === undefined) return false;
    const target: SourceTarget = { ...position, column: columnBeside(panel), preserveFocus: !focus };
    await vscode.commands.executeCommand(CommandId.RevealSource, target);
    return true;
  }
}

/** Of programs in folders of the workspace. */
function ownImages({ processes }: MapModel): readonly string[] {
  const images = processes.flatMap(({ regions }) => regions.filter(({ kind }) => kind === "image"));
  return [...new Set(images.map(({ name }) => name))].filter(
    (path) => vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path)) !== undefined,
  );
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
