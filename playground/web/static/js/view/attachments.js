import { el, icon } from "../dom.js";

const UNITS = ["bytes", "KB", "MB"];

export function attachments(list) {
  return list.map((one) => {
    const path = new URL(one.url, location.href).pathname;
    const isImage = /^image\/(png|jpeg|gif|webp)$/.test(one.content_type ?? "");
    if (isImage) return el("img", { class: "image", src: path, alt: one.description ?? one.filename, loading: "lazy" });
    return el(
      "a",
      { class: "file", href: path, download: one.filename, data: { key: one.id } },
      icon("file"),
      el("span", { class: "file-name" }, one.filename),
      el("span", { class: "file-size" }, size(one.size)),
      icon("download"),
    );
  });
}

function size(bytes) {
  let value = bytes,
    unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) [value, unit] = [value / 1024, unit + 1];
  return `${unit ? value.toFixed(1) : value} ${UNITS[unit]}`;
}
