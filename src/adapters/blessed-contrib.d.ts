declare module 'blessed-contrib/lib/widget/canvas.js' {
  /** Points, two a cell across and four down, and what is drawn on them. */
  type Context = {
    strokeStyle: number;
    beginPath(): void;
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
    stroke(): void;
    readonly _canvas: { set(x: number, y: number): void; frame(delimiter?: string): string };
  };
  type Options = { readonly screen: object; readonly width: number; readonly height: number };
  const Canvas: new (options: Options) => { readonly ctx: Context; emit(event: 'attach'): void };
  export default Canvas;
}
