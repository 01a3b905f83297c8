/** The look of a report; it fetches nothing, so it is part of the page. */
export const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;max-width:900px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.15rem;margin:2rem 0 .4rem;border-top:1px solid #d9dde3;padding-top:1.2rem}
p{margin:.4rem 0}table{border-collapse:collapse;width:100%;font-size:.88rem;margin:.5rem 0}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #e6e9ee;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.good{color:#17643a}.bad{color:#b3261e;font-weight:600}.banner{padding:.6rem .9rem;border-radius:6px;font-weight:600;margin:.8rem 0}
.banner.good{background:#e4f4ea}.banner.bad{background:#fbe9e7}figure{margin:1rem 0}figcaption{font-weight:600;margin-bottom:.2rem}
svg{width:100%;height:auto;background:#fbfcfd;border:1px solid #e6e9ee;border-radius:4px}.grid{stroke:#e3e6eb}.mark{stroke:#b0b6c0;stroke-dasharray:3 3}
.tick{font-size:11px;fill:#5b6470}.name{font-size:12px;fill:#1b1f24}.legend span{margin-right:1.1rem;font-size:.85rem}.legend i{display:inline-block;width:.8rem;height:.8rem;border-radius:2px;margin-right:.35rem;vertical-align:-1px}
`;
