// Drawing a tune from its own numbers on a canvas: loudness as bars, or notes as a piano roll. What was played has the
// accent of the mood. Colours come from the canvas's own style, so that they follow the scheme.
const BAR_PX = 3, GAP_PX = 2;

export class Drawing {
  constructor(wave) {
    this.canvas = wave.querySelector("canvas");
    this.peaks = (this.canvas.dataset.peaks || "").split(" ").filter(Boolean).map(Number);
    const roll = wave.querySelector("[data-roll]");
    this.notes = roll ? JSON.parse(roll.textContent).notes : [];
    this.end = this.notes.reduce((end, note) => Math.max(end, note[1]), 0);
    this.share = 0;
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    document.addEventListener("studio:scheme", () => requestAnimationFrame(() => this.draw()));
  }

  // Draw with `share` (0..1) of the tune played; `total` is its length in seconds.
  draw(share = this.share, total = this.total) {
    this.share = share;
    this.total = total;
    const { canvas } = this, scale = Math.min(devicePixelRatio || 1, 2);
    const [width, height] = [canvas.clientWidth, canvas.clientHeight];
    if (!width) return;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d"), style = getComputedStyle(canvas);
    pen.scale(scale, scale);
    const colours = { played: style.color, coming: style.borderTopColor };
    if (this.notes.length) this.roll(pen, width, height, colours);
    else this.bars(pen, width, height, colours);
  }

  bars(pen, width, height, { played, coming }) {
    const count = Math.max(1, Math.floor((width + GAP_PX) / (BAR_PX + GAP_PX))), { peaks } = this;
    for (let bar = 0; bar < count; bar += 1) {
      const from = Math.floor((bar * peaks.length) / count), to = Math.max(from + 1, Math.floor(((bar + 1) * peaks.length) / count));
      const loud = peaks.length ? Math.max(...peaks.slice(from, to)) : 0;
      const tall = Math.max(BAR_PX, loud * (height - 4));
      pen.fillStyle = bar / count < this.share ? played : coming;
      pen.beginPath();
      pen.roundRect(bar * (BAR_PX + GAP_PX), (height - tall) / 2, BAR_PX, tall, BAR_PX / 2);
      pen.fill();
    }
  }

  roll(pen, width, height, { played, coming }) {
    const pitches = this.notes.map((note) => note[2]);
    const low = Math.min(...pitches) - 1, high = Math.max(...pitches) + 1, total = this.total || this.end;
    const tall = Math.max(3, Math.min(7, (height - 4) / (high - low)));
    const now = this.share * total;
    for (const [start, end, pitch] of this.notes) {
      const x = (start / total) * width, long = Math.max(2, ((end - start) / total) * width - 1);
      pen.globalAlpha = start <= now && now < end && this.share > 0 ? 1 : 0.85;
      pen.fillStyle = start < now ? played : coming;
      pen.beginPath();
      pen.roundRect(x, 2 + ((high - pitch) / (high - low)) * (height - 4 - tall), long, tall, Math.min(2, tall / 2));
      pen.fill();
    }
    pen.globalAlpha = 1;
    if (this.share <= 0) return;
    pen.fillStyle = played;
    pen.fillRect(this.share * width - 0.75, 0, 1.5, height);
  }
}
