/* The ceiling of `gameday bench`: the event loop in C, own generator (xoshiro256++), binary heap of 24-byte structs.
   cc -O3 -march=native anchor.c -lm -o anchor ; ./anchor WORKLOAD SECONDS SEED     (at most 499 simulated seconds) */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
enum { ARRIVE, DONE, TMO, RETRY };
enum { NOP, ATTEMPT, RESOLVE };
#define SL (1 << 14)
#define HP (SL * 4)
#define NB 200
typedef struct { double t; uint64_t seq; uint32_t a, gk; } Ev;
typedef struct { double t0; int parent, att, edge, work; uint32_t gen; } Call;
typedef struct { int call, inst, next; } Work;
typedef struct { int svc, att; double tmo, back; } Edge;
typedef struct { int i0, n, rr, down, held; double mean; } Svc;
typedef struct { int freeslots, head, tail, qlen, qcap, svc; } Inst;
static Ev H[HP]; static int hn; static uint64_t seq;
static Call C[SL]; static Work W[SL]; static int cf, wf;
static Edge E[2]; static Svc S[2]; static Inst I[64];
static long hist[100000 / NB][NB];
static uint64_t s4[4];
static inline uint64_t rotl(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
static inline double ex(double m) {
    uint64_t r = rotl(s4[0] + s4[3], 23) + s4[0], t = s4[1] << 17;
    s4[2] ^= s4[0]; s4[3] ^= s4[1]; s4[1] ^= s4[2]; s4[0] ^= s4[3]; s4[2] ^= t; s4[3] = rotl(s4[3], 45);
    return -log(((r >> 11) + 0.5) * 0x1p-53) * m;
}
static inline void push(double t, int kind, uint32_t a, uint32_t g) {
    int i = hn++;
    Ev e = { t, seq++, a, (g << 2) | kind };
    while (i) { int p = (i - 1) >> 1; if (H[p].t <= t) break; H[i] = H[p]; i = p; }
    H[i] = e;
}
static inline Ev pop(void) {
    Ev top = H[0], e = H[--hn]; int i = 0, c = 1;
    while (c < hn) {
        int r = c + 1;
        if (r < hn && (H[r].t < H[c].t || (H[r].t == H[c].t && H[r].seq < H[c].seq))) c = r;
        if (e.t < H[c].t || (e.t == H[c].t && e.seq < H[c].seq)) break;
        H[i] = H[c]; i = c; c = 2 * i + 1;
    }
    H[i] = e; return top;
}
int main(int argc, char **argv) {
    const char *v = argc > 1 ? argv[1] : "T"; double sim = argc > 2 ? atof(argv[2]) : 120; uint64_t seed = argc > 3 ? atoll(argv[3]) : 1;
    for (int k = 0; k < 4; k++) { seed += 0x9e3779b97f4a7c15ull; uint64_t z = seed; z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull; z = (z ^ (z >> 27)) * 0x94d049bb133111ebull; s4[k] = z ^ (z >> 31); }
    int heldv = v[0] == 'H', one = v[0] == 'M', full = v[1] == 'X' || v[1] == 'O', over = v[1] == 'O';
    double rate = over ? 1600 : 1000, tmo = full ? (over ? .25 : .5) : 1e18;
    int n1 = one ? 1 : 5, c1 = one ? 16 : heldv ? 10 : 4, n2 = 3, qcap = full ? (over ? 50 : 200) : 1 << 30;
    for (int k = 0; k < SL; k++) { C[k].work = k + 1; W[k].next = k + 1; }
    S[0] = (Svc){ 0, n1, 0, one ? -1 : 1, heldv || one, one ? .0135 : .015 }; S[1] = (Svc){ n1, n2, 0, -1, 1, .020 };
    for (int k = 0; k < 2; k++) E[k] = (Edge){ k, full ? 2 : 1, tmo, .05 };
    for (int k = 0; k < n1 + n2; k++) I[k] = (Inst){ k < n1 ? c1 : 10, 0, 0, 0, qcap, k >= n1 };
    long arr = 0, okc = 0, fail = 0, ret = 0, rej = 0, ev = 0; double sum = 0, grow = log(10) / 32;
    struct timespec A, B, P, Q; clock_gettime(CLOCK_MONOTONIC, &A); clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &P);
    push(ex(1 / rate), ARRIVE, 0, 0);
    while (hn && H[0].t < sim) {
        Ev x = pop(); double t = x.t; ev++;
        int op = NOP, c = -1, ok = 0, rel = -1, e = 0, parent = -1, a = x.a;
        switch (x.gk & 3) {
        case DONE: {
            int i = W[a].inst; Svc *s = &S[I[i].svc]; e = s->down;
            if (e >= 0) { if (!s->held) rel = i; op = ATTEMPT; parent = a; }
            else { rel = i; c = W[a].call; W[a].next = wf; wf = a; if (c >= 0) op = RESOLVE, ok = 1; }
            break; }
        case ARRIVE: push(t + ex(1 / rate), ARRIVE, 0, 0); arr++; op = ATTEMPT; break;
        case TMO: if ((C[a].gen & 0x3fffffff) == x.gk >> 2) { W[C[a].work].call = -1; op = RESOLVE; c = a; } break;
        default: ret++; op = ATTEMPT; c = a;
        }
        for (;;) {
            if (rel >= 0) {
                Inst *q = &I[rel]; rel = -1;
                if (q->qlen) { int w = q->head; q->head = W[w].next; q->qlen--; push(t + ex(S[q->svc].mean), DONE, w, 0); }
                else q->freeslots++;
            }
            if (op == ATTEMPT) {
                op = NOP;
                if (c < 0) { c = cf; cf = C[c].work; C[c].parent = parent; C[c].edge = e; C[c].att = 0; C[c].t0 = t; }
                Edge *ed = &E[C[c].edge]; Svc *s = &S[ed->svc]; int i = s->i0 + s->rr; s->rr = s->rr + 1 < s->n ? s->rr + 1 : 0;
                Inst *q = &I[i]; C[c].att++;
                if (!q->freeslots && q->qlen >= q->qcap) { rej++; op = RESOLVE; ok = 0; }
                else {
                    int w = wf; wf = W[w].next; W[w].call = c; W[w].inst = i; C[c].work = w;
                    if (ed->tmo < 1e17) push(t + ed->tmo, TMO, c, C[c].gen);
                    if (q->freeslots) { q->freeslots--; push(t + ex(s->mean), DONE, w, 0); }
                    else { if (!q->qlen) q->head = w; else W[q->tail].next = w; q->tail = w; q->qlen++; }
                }
            }
            if (op == RESOLVE) {
                Call *k = &C[c]; Edge *ed = &E[k->edge]; k->gen = (k->gen + 1) & 0x3fffffff;
                if (!ok && k->att < ed->att) { push(t + ed->back * (1 << (k->att - 1)), RETRY, c, k->gen); break; }
                int p = k->parent;
                if (p < 0) { if (ok) { double l = t - k->t0; int b = (int)(log(l / 1e-4 + 1e-9) / grow); b = b < 0 ? 0 : b >= NB ? NB - 1 : b; hist[(int)t][b]++; okc++; sum += l; } else fail++; }
                k->work = cf; cf = c;
                if (p < 0) break;
                if (S[I[W[p].inst].svc].held) rel = W[p].inst;
                c = W[p].call; W[p].next = wf; wf = p; if (c < 0) op = NOP;
                continue;
            }
            if (rel < 0) break;
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &B); clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &Q);
    double w = B.tv_sec - A.tv_sec + (B.tv_nsec - A.tv_nsec) * 1e-9, cpu = Q.tv_sec - P.tv_sec + (Q.tv_nsec - P.tv_nsec) * 1e-9, cum = 0, p99 = 0; int done = 0;
    for (int b = 0; b < NB && !done; b++) { double h = 0; for (int s = 0; s < (int)sim + 1; s++) h += hist[s][b]; if (cum + h >= .99 * okc) { p99 = 1e-4 * exp(grow * (b + (.99 * okc - cum) / h)); done = 1; } cum += h; }
    struct rusage r; getrusage(RUSAGE_SELF, &r);
    printf("{\"name\": \"c_anchor\", \"variant\": \"%s\", \"n\": %ld, \"wall\": %.4f, \"cpu\": %.4f, \"rps\": %.0f, \"rps_wall\": %.0f, \"mean_ms\": %.3f, \"p99_ms\": %.1f, \"rss_mb\": %.1f, \"ok\": %ld, \"failed\": %ld, \"retries\": %ld, \"rej\": %ld, \"events\": %ld, \"eps\": %.0f}\n",
        v, arr, w, cpu, arr / cpu, arr / w, sum / okc * 1e3, p99 * 1e3, r.ru_maxrss / 1024., okc, fail, ret, rej, ev, ev / cpu);
    return 0;
}
