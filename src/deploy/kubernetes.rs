//! The manifest of an Indexed Job for Kubernetes.

use super::job::Job;
use super::quote::{argument, filled, shell, yaml};
use crate::text::counted;

/// How long a pod keeps its rows to be fetched, seconds.
const KEEP: u64 = 3_600;

/// For images to be pulled and pods to end, beyond all else, seconds.
const BEYOND: u64 = 600;

/// The manifest, to be piped into `kubectl apply -f -`.
pub(super) fn manifest(job: &Job) -> String {
    let settings = job.settings;
    let start = (job.now + job.start_in).as_millis();
    let image = match &settings.image {
        Some(image) => image.clone(),
        None => concat!("profilerclient:", env!("CARGO_PKG_VERSION")).to_owned(),
    };
    let arguments: Vec<String> = (settings.shard_flags.iter())
        .map(|flag| format!("            - {}", argument(flag)))
        .collect();
    // Comments have no place for texts that end a line: as words of a shell these have none.
    let merge: String = (settings.merge_flags.iter())
        .map(|flag| format!(" {}", shell(flag)))
        .collect();
    let output = settings.output.as_deref().unwrap_or("report.csv");
    filled(MANIFEST, |name| match name {
        "NAME" => format!("profilerclient-{:x}", job.now.as_millis()),
        "VERSION" => env!("CARGO_PKG_VERSION").to_owned(),
        "SHARDS" => settings.shards.to_string(),
        "COUNTED" => counted(settings.shards.get().into(), "shard", "shards"),
        "LAST" => (settings.shards.get() - 1).to_string(),
        "LIMIT" => job.limit.to_string(),
        "KEEP" => KEEP.to_string(),
        "DEADLINE" => (job.limit + KEEP + BEYOND).to_string(),
        "START" => format!("{}.{:03}", start / 1_000, start % 1_000),
        "SEED" => job.seed.to_string(),
        "IMAGE" => yaml(&image),
        "ARGUMENTS" => arguments.join("\n"),
        "MERGE" => merge.clone(),
        "OUTPUT" => shell(output),
        other => unreachable!("no place is called {other}"),
    })
}

const MANIFEST: &str = r##"# A sharded run of profilerclient {{VERSION}}: {{COUNTED}}, each a pod of an Indexed Job.
# Submit it at once, since the start of the load is in it: profilerclient deploy kubernetes ... | kubectl apply -f -
#
# The image needs this program and a shell with cat, sleep and touch, such as one made of these two lines:
#   FROM debian:stable-slim
#   COPY profilerclient /usr/local/bin/
#
# Rows need no shared volume: a pod becomes ready when its shard is done, and keeps the rows for an hour or until they
# are fetched. Wait for all of them (pods that fail do not become ready: then go on after the timeout), fetch, merge:
#   kubectl wait --for=condition=Ready pod -l job-name={{NAME}} --timeout={{LIMIT}}s
#   for i in $(seq 0 {{LAST}}); do
#     k=$((i + 1))
#     pod=$(kubectl get pod -o name -l job-name={{NAME}},batch.kubernetes.io/job-completion-index=$i)
#     kubectl exec "$pod" -- sh -c "cat /rows/rows-$k.csv 2>/dev/null || true" > rows-$k.csv &&
#       kubectl exec "$pod" -- cat /rows/rows-$k.csv.runs.jsonl > rows-$k.csv.runs.jsonl &&
#       kubectl exec "$pod" -- touch /rows/fetched
#   done
#   profilerclient merge $(seq -f rows-%g.csv {{SHARDS}}){{MERGE}} -o {{OUTPUT}}
# A shard that is missing or was cut on the way makes that PARTIAL, with exit code 3. Then remove the job:
#   kubectl delete job {{NAME}}
apiVersion: batch/v1
kind: Job
metadata:
  # A name of its own for every run: it has the time of the printing.
  name: {{NAME}}
  labels:
    # For kubectl get jobs -l app.kubernetes.io/name=profilerclient.
    app.kubernetes.io/name: profilerclient
spec:
  # Each pod has an index from 0 to {{LAST}}: its shard, less 1.
  completionMode: Indexed
  # As many pods as there are shards,
  completions: {{SHARDS}}
  # all of them at the same time.
  parallelism: {{SHARDS}}
  # A pod that failed is not started again: a shard must not begin in the middle of the run.
  backoffLimit: 0
  # The same for failures that do not count by themselves (a node that is drained, a pod that is evicted).
  podFailurePolicy:
    rules:
      # A pod that was taken away ends the job,
      - action: FailJob
        onPodConditions:
          - type: DisruptionTarget
            status: "True"
      # and so does one that exits with an error. A shard that fails does not: its pod stays for what it wrote.
      - action: FailJob
        onExitCodes:
          containerName: shard
          operator: NotIn
          values: [0]
  # Nothing runs for longer than the load, the time to fetch its rows, and ten minutes, seconds.
  activeDeadlineSeconds: {{DEADLINE}}
  template:
    metadata:
      labels:
        # For the spread over nodes below.
        profilerclient-run: {{NAME}}
    spec:
      # The container of a shard is not started again either.
      restartPolicy: Never
      # After the signal that ends a pod: for the rows in flight to be written, seconds.
      terminationGracePeriodSeconds: 60
      # A load generator needs no access to the cluster.
      automountServiceAccountToken: false
      # Shards are spread over the nodes evenly, so that they share no machine while there are enough;
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          # with fewer nodes than shards, they run nevertheless.
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              profilerclient-run: {{NAME}}
      # They also avoid nodes that have a shard of any other run.
      affinity:
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
            - weight: 100
              podAffinityTerm:
                topologyKey: kubernetes.io/hostname
                labelSelector:
                  matchExpressions:
                    - key: profilerclient-run
                      operator: Exists
      containers:
        - name: shard
          image: {{IMAGE}}
          env:
            # With the index, which Kubernetes gives as JOB_COMPLETION_INDEX: which shard this is.
            - name: SHARDS
              value: "{{SHARDS}}"
          # Runs the shard, passes signals on to it, and keeps its rows until they are fetched. A shard that fails
          # does not end the pod: the others go on, and its messages are in the log (kubectl logs).
          command:
            - /bin/sh
            - -c
            - |
              profilerclient "$$@" &
              shard=$$!
              trap 'kill -TERM "$$shard" 2>/dev/null; touch /rows/fetched' TERM INT
              wait "$$shard"
              code=$$?
              # A signal ends the first wait; the second one is for the shard.
              while kill -0 "$$shard" 2>/dev/null; do wait "$$shard"; code=$$?; done
              echo "shard $$JOB_COMPLETION_INDEX ended with code $$code"
              touch /rows/done
              left={{KEEP}}
              while [ ! -e /rows/fetched ] && [ "$$left" -gt 0 ]; do sleep 1; left=$$((left - 1)); done
              exit 0
            # The name of the script in its messages.
            - shard
          # The options of every shard: the same plan (seed), the same start, a number of its own (auto). A shard that
          # is late refuses: it would be missing in the merge, but not distort the load.
          args:
{{ARGUMENTS}}
            - "--seed={{SEED}}"
            - "--shard=auto"
            - "--start-at={{START}}"
            - "--start-strict"
            - "--output=/rows/rows-%s.csv"
          # Ready is: this shard is done, its rows can be fetched.
          readinessProbe:
            exec:
              command: ["test", "-e", "/rows/done"]
            periodSeconds: 1
          resources:
            requests:
              # The event loop of a shard is one thread: it needs a CPU for itself.
              cpu: "1"
              memory: 256Mi
          volumeMounts:
            - name: rows
              mountPath: /rows
      volumes:
        # As long-lived as the pod.
        - name: rows
          emptyDir: {}
"##;

#[cfg(test)]
#[path = "kubernetes_tests.rs"]
mod tests;
