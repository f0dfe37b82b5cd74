// SPDX-License-Identifier: Apache-2.0
// The slider that moves all points to their other place and back.

function makeMorph(move) {
  const holder = make("label", "wb-morph");
  holder.hidden = true;
  const slider = make("input", "wb-slider");
  Object.assign(slider, { type: "range", min: 0, max: 100, step: 1, value: 0 });
  slider.setAttribute("aria-label", "Share of the way from the first map to the second");
  holder.append(make("span", "", "First map"), slider, make("span", "", "Second map"));
  slider.addEventListener("input", () => {
    slider.setAttribute("aria-valuetext", `${slider.value} % of the way`);
    move(Number(slider.value) / 100);
  });
  holder.show = (share) => {
    slider.value = share * 100;
    slider.setAttribute("aria-valuetext", `${Math.round(share * 100)} % of the way`);
  };
  return holder;
}
