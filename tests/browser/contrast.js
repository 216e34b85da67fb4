// Finds text that stands out too little from what is behind it: less than 4.5 to 1, or 3 to 1 where it is large.
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parse = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return { rgb: [r, g, b], alpha: a / 255 };
  };
  const over = (top, alpha, below) => top.map((value, index) => value * alpha + below[index] * (1 - alpha));
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    const { rgb, alpha } = parse(getComputedStyle(element).backgroundColor);
    return alpha === 1 ? rgb : over(rgb, alpha, behind(element.parentElement));
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const isShown = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const isSpoiler = (element) => element.closest(".spoiler");
  const texts = [...document.body.querySelectorAll("*")].filter(
    (element) => isShown(element) && hasText(element) && !isSpoiler(element) && !element.closest("noscript, svg"),
  );
  const faint = [];
  for (const element of texts) {
    const style = getComputedStyle(element);
    const ground = behind(element);
    const { rgb, alpha } = parse(style.color);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = ratio(over(rgb, alpha, ground), ground);
    if (found < (isLarge ? 3 : 4.5)) faint.push(`${found.toFixed(2)} ${element.className} ${element.textContent.slice(0, 30)}`);
  }
  return { texts: texts.length, faint, isDark: luminance(behind(document.body)) < 0.2 };
};
