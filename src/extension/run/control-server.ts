/** The editor's end of a recording's control socket, in a folder that nobody else may enter. */
import { createServer, type Server, type Socket } from "node:net";
import {
  ControlLines,
  decodeRecorderMessage,
  encodeControl,
  type EditorMessage,
  type RecorderMessage,
} from "../../core/trace/control.js";
import { newControlSocket, removeControlSocket } from "../../host/control-folder.js";

export interface ControlEvents {
  onMessage(message: RecorderMessage): void;
  /** The recorder is gone, with or without having said why. */
  onGone(): void;
}

export class ControlServer {
  private socket: Socket | undefined;
  /** Asked before the recorder was there to hear it. */
  private readonly early: EditorMessage[] = [];
  private isHidden = false;

  private constructor(
    private readonly server: Server,
    readonly path: string,
  ) {}

  static async listen(events: ControlEvents): Promise<ControlServer> {
    const path = newControlSocket();
    const server = createServer();
    const control = new ControlServer(server, path);
    server.on("connection", (socket) => control.accept(socket, events));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    return control;
  }

  get connected(): boolean {
    return this.socket !== undefined;
  }

  say(message: EditorMessage): void {
    if (this.socket === undefined) this.early.push(message);
    else if (this.socket.writable) this.socket.write(encodeControl(message));
  }

  close(): void {
    this.socket?.destroy();
    this.hide();
  }

  /** Nobody else can come, and nothing is left behind should the editor die. */
  private hide(): void {
    if (this.isHidden) return;
    this.isHidden = true;
    this.server.close();
    removeControlSocket(this.path);
  }

  private accept(socket: Socket, { onMessage, onGone }: ControlEvents): void {
    // One recorder a socket: nobody else has business here.
    if (this.socket !== undefined) {
      socket.destroy();
      return;
    }
    this.socket = socket;
    this.hide();
    const lines = new ControlLines();
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      for (const line of lines.push(text)) {
        const message = decodeRecorderMessage(line);
        if (message !== undefined) onMessage(message);
      }
    });
    socket.on("error", () => undefined); // "close" follows, and says all.
    socket.on("close", onGone);
    for (const message of this.early.splice(0)) this.say(message);
  }
}
