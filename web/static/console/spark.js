// A line as wide as its place: SVG, no library.

const NS = "http://www.w3.org/2000/svg";
const WIDE = 240, HIGH = 40, EDGE = 3;

function drawn(tag, attributes) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function points(values, most) {
  const step = values.length > 1 ? WIDE / (values.length - 1) : WIDE;
  return values.map((value, i) => {
    const y = HIGH - EDGE - (value / most) * (HIGH - 2 * EDGE);
    return [i * step, y];
  });
}

// `lines`: [{values, kind}]; all share one scale from zero.
export function spark(lines, label) {
  const svg = drawn("svg", {
    viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", class: "spark", role: "img",
    "aria-label": label,
  });
  const most = Math.max(1, ...lines.flatMap((line) => line.values));
  for (const { values, kind } of lines) {
    const path = points(values.length > 1 ? values : [0, 0], most);
    const line = path.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    if (kind === "fill") {
      svg.append(drawn("polygon", { points: `0,${HIGH} ${line} ${WIDE},${HIGH}`, class: "area" }));
    }
    svg.append(drawn("polyline", { points: line, class: `line ${kind}` }));
  }
  return svg;
}
