// Reading sentences aloud for the questionnaires: record, keep, listen. MP4 where the browser can, since every
// tablet plays that; WebM else.
const list = document.querySelector(".recordings"), problem = document.getElementById("problem");
const type = ["audio/mp4", "audio/webm;codecs=opus", "audio/webm"].find(kind => window.MediaRecorder && MediaRecorder.isTypeSupported(kind));
const LONGEST_MS = 30000;
const player = new Audio();
let running = null;

const tell = word => {
  problem.hidden = !word;
  problem.textContent = word ? problem.dataset[word] : "";
};
const show = (row, recording) => {
  row.querySelector(".record").hidden = recording;
  row.querySelector(".stop").hidden = !recording;
  row.querySelector(".listen").hidden = recording || !row.dataset.sound;
};
const base64 = blob => new Promise((done, failed) => {
  const reader = new FileReader();
  reader.onload = () => done(reader.result.slice(reader.result.indexOf("base64,") + 7));
  reader.onerror = () => failed(reader.error);
  reader.readAsDataURL(blob);
});

async function keep(row, blob) {
  const body = new URLSearchParams({ csrf: list.dataset.csrf, language: list.dataset.language, text: row.dataset.text, sound: await base64(blob) });
  const reply = await fetch("/recordings", { method: "POST", body: body.toString(), credentials: "same-origin", headers: { "Content-Type": "application/x-www-form-urlencoded" } });
  if (!reply.ok) throw new Error(String(reply.status));
  row.dataset.sound = (await reply.json()).sound;
}

async function record(row) {
  if (running) return;
  tell("");
  player.pause();
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch (error) {
    return tell("noMicrophone");
  }
  const recorder = new MediaRecorder(stream, Object.assign({ audioBitsPerSecond: 32000 }, type ? { mimeType: type } : {})), parts = [];
  recorder.ondataavailable = event => parts.push(event.data);
  recorder.onstop = async () => {
    clearTimeout(running.timer);
    for (const track of stream.getTracks()) track.stop();
    running = null;
    try {
      await keep(row, new Blob(parts, { type: recorder.mimeType }));
    } catch (error) {
      tell("notKept");
    }
    show(row, false);
    row.querySelector(row.dataset.sound ? ".listen" : ".record").focus();
  };
  running = { recorder, timer: setTimeout(() => recorder.stop(), LONGEST_MS) };
  recorder.start();
  show(row, true);
  row.querySelector(".stop").focus();
}

list.addEventListener("click", event => {
  const row = event.target.closest("li");
  if (event.target.matches(".record")) record(row);
  else if (event.target.matches(".stop") && running) running.recorder.stop();
  else if (event.target.matches(".listen")) {
    player.src = "/a/sound/" + row.dataset.sound;
    player.play().catch(() => {});
  }
});
