package kassa;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.*;
import java.net.*;
import java.net.http.*;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;

/**
 * A running {@code kassa dev}: the test kit of Kassa.
 *
 * <p>If the kit started it, its standard input is a pipe from this process. So it stops when this process ends, even
 * if this process is killed.
 */
public final class Kassa implements AutoCloseable {
    private static final List<String> OPTIONS =
        List.of("dev", "--listen", "127.0.0.1:0", "--json", "--quiet", "--stop-when-stdin-closes");
    /** Kassa itself takes 10 seconds at most to stop. After this time, the kit kills it. */
    private static final Duration STOP_TIME = Duration.ofSeconds(30);

    private final Process process;
    private final Api api;
    /** The base URL, such as {@code http://127.0.0.1:40123}. */
    public final String url;

    private Kassa(Process process, JsonNode announced) {
        this.process = process;
        this.url = announced.path("url").asText();
        this.api = new Api(url, announced);
    }

    /**
     * Starts Kassa on a free port with further options of {@code kassa dev}, and returns when it accepts requests. If
     * {@code KASSA_URL} is set, it uses the Kassa at this URL instead.
     */
    public static Kassa start(String... options) {
        return start(System.getenv(), options);
    }

    static Kassa start(Map<String, String> environment, String... options) {
        String running = environment.getOrDefault("KASSA_URL", "");
        if (!running.isEmpty()) {
            return connect(running);
        }
        List<String> command = new ArrayList<>(List.of(findBinary(environment)));
        command.addAll(OPTIONS);
        command.addAll(List.of(options));
        try {
            Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
            return new Kassa(process, announcement(process, String.join(" ", command)));
        } catch (IOException error) {
            throw new KassaError(command.get(0) + " could not be started: " + error.getMessage(), error);
        }
    }

    /** Waits until Kassa accepts requests, and returns what it says about itself. */
    private static JsonNode announcement(Process process, String command) {
        var output = new Scanner(process.getInputStream(), StandardCharsets.UTF_8);
        String line = output.hasNextLine() ? output.nextLine() : "";
        JsonNode announced = Json.parse(line).orElse(MissingNode.getInstance());
        if (announced.has("url")) {
            return announced;
        }
        String said = line.isEmpty() ? "ended" : "printed " + line + ", and not a line of `kassa dev --json`,";
        throw new KassaError(command + " " + said + " with status " + end(process, STOP_TIME)
            + ". Standard error says why.", null);
    }

    /** Uses a {@code kassa dev} that runs already, for example in a container. */
    public static Kassa connect(String url) {
        var published = Map.of("url", url.replaceFirst("/$", ""), "username", "PK00000_dev", "password", "dev");
        return new Kassa(null, Json.MAPPER.valueToTree(published));
    }

    /** Creates a merchant that shares no data with others. Its clock is frozen. */
    public Merchant newMerchant() {
        return newMerchant(null);
    }

    /** Creates a merchant with this name. */
    public Merchant newMerchant(String name) {
        var merchant = new Merchant(url, api.call("POST", "/lab/v1/merchants", Json.given("name", name)));
        merchant.setClock(null, true);
        return merchant;
    }

    /** Stops Kassa if the kit started it, and waits until it has ended. */
    public void stop() {
        if (process != null) {
            process.destroy();
            end(process, STOP_TIME);
        }
    }

    /** Closes the standard input of a process, waits until it has ended, and returns its status. */
    static int end(Process process, Duration patience) {
        try {
            process.getOutputStream().close();
        } catch (IOException alreadyClosed) {
            // That is the aim.
        }
        return process.onExit().orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
            .exceptionally(late -> process.destroyForcibly()).join().onExit().join().exitValue();
    }

    @Override
    public void close() {
        stop();
    }

    /** Finds the binary. */
    static String findBinary(Map<String, String> environment) {
        String chosen = environment.getOrDefault("KASSA_BIN", "");
        if (isExecutable(new File(chosen))) {
            return chosen;
        }
        if (!chosen.isEmpty()) {
            throw new KassaError("KASSA_BIN is " + chosen + ", which is not an executable file. Set it to the path of "
                + "the kassa binary, or unset it.", null);
        }
        var folders = Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator));
        var onThePath = folders.filter(folder -> !folder.isEmpty()).map(folder -> new File(folder, "kassa"));
        return Stream.concat(Stream.of(besideThisClass()), onThePath).filter(Kassa::isExecutable)
            .findFirst().map(File::getPath)
            .orElseThrow(() -> new KassaError("The kassa binary was not found: KASSA_BIN is not set, "
                + besideThisClass() + " does not exist, and no kassa is on the PATH. Install Kassa, or set KASSA_BIN "
                + "to the path of the binary.", null));
    }

    /** The binary in the folder that contains the folder of classes, or the jar. */
    static File besideThisClass() {
        var classes = Kassa.class.getProtectionDomain().getCodeSource().getLocation();
        return new File(new File(URI.create(classes.toString())).getParentFile(), "kassa");
    }

    private static boolean isExecutable(File file) {
        return file.isFile() && file.canExecute();
    }

    /** A merchant with its own data, clock, faults, journal and inbox. Give its credential to your shop. */
    public static final class Merchant implements AutoCloseable {
        /** The payment session that {@link #createPageSession} creates. */
        public static final Map<String, Object> SAMPLE_CART = Map.of(
            "purchase_country", "SE", "purchase_currency", "SEK", "locale", "sv-SE",
            "order_amount", 9999, "order_tax_amount", 1870,
            "order_lines", List.of(Map.of("name", "Running shoe", "quantity", 1, "unit_price", 9999,
                "tax_rate", 2300, "total_amount", 9999, "total_tax_amount", 1870)));
        private static final int PATIENCE_SECONDS = 30;
        private static final int MAXIMUM_ENTRIES = 1000;

        private final Api api;
        public final String url;
        public final String merchantId;
        public final String username;
        public final String password;
        /** The secret that signs callbacks. */
        public final String callbackSecret;
        /** The lab's page of this merchant, for a browser. */
        public final String labPage;

        private Merchant(String url, JsonNode made) {
            this.api = new Api(url, made);
            this.url = url;
            this.merchantId = made.path("merchant_id").asText();
            this.username = made.path("username").asText();
            this.password = made.path("password").asText();
            this.callbackSecret = made.path("callback_secret").asText();
            this.labPage = url + "/lab/of/" + merchantId;
        }

        /** Calls any path of Kassa with the merchant's credential, and returns the JSON of the answer. */
        public JsonNode call(String method, String path, Map<String, ?> body) {
            return api.call(method, path, body);
        }

        /** Calls any path of Kassa without a body. */
        public JsonNode call(String method, String path) {
            return api.call(method, path, null);
        }

        /** Creates a payment session and a page session for it, as your shop would. */
        public PageSession createPageSession() {
            return createPageSession(Map.of(), SAMPLE_CART);
        }

        /** Creates a payment session with this cart, and a page session with these merchant URLs for it. */
        public PageSession createPageSession(Map<String, ?> merchantUrls, Map<String, ?> cart) {
            String payment = call("POST", "/payments/v1/sessions", cart).path("session_id").asText();
            Map<String, Object> body = new HashMap<>(Map.of("merchant_urls", merchantUrls));
            body.put("payment_session_url", url + "/payments/v1/sessions/" + payment);
            JsonNode created = call("POST", "/hpp/v1/sessions", body);
            return new PageSession(this, created.path("session_id").asText(), created.path("redirect_url").asText());
        }

        /** Returns a page session that your shop created. */
        public PageSession pageSession(String sessionId) {
            return new PageSession(this, sessionId, null);
        }

        /** Reads the clock: {@code now} and {@code frozen}. */
        public JsonNode clock() {
            return call("GET", "/lab/v1/clock");
        }

        /** Sets the clock (an instant in RFC 3339), freezes it, or lets it run. {@code null} changes nothing. */
        public JsonNode setClock(String now, Boolean frozen) {
            Map<String, Object> body = new HashMap<>(Json.given("now", now));
            body.putAll(Json.given("frozen", frozen));
            return call("PUT", "/lab/v1/clock", body);
        }

        /** Moves the clock forward by a duration, such as {@code PT47H}. Returns the list of what happened. */
        public List<JsonNode> advanceClock(String by) {
            return Json.list(call("POST", "/lab/v1/clock/advance", Map.of("by", by)).path("fired"));
        }

        /** Moves the clock forward to an instant in RFC 3339. Returns the list of what happened. */
        public List<JsonNode> advanceClockTo(String instant) {
            return Json.list(call("POST", "/lab/v1/clock/advance", Map.of("to", instant)).path("fired"));
        }

        /** Replaces all faults by these rules: {@code callbacks}, {@code calls} and {@code seed}. */
        public JsonNode injectFaults(Map<String, ?> rules) {
            return call("PUT", "/lab/v1/faults", rules);
        }

        /** Removes all faults. */
        public void clearFaults() {
            call("DELETE", "/lab/v1/faults");
        }

        /** Returns the entries of the journal that match all filters, such as {@code kind}, oldest first. */
        public List<JsonNode> journal(Map<String, ?> filters) {
            return Json.list(readJournal(filters).path("entries"));
        }

        /**
         * Waits until at least {@code count} entries of the journal match all filters, and returns them. The filter
         * {@code wait} is the maximum number of seconds, up to 60 (default: 30).
         */
        public List<JsonNode> waitForJournal(int count, Map<String, ?> filters) {
            Map<String, Object> all = new HashMap<>(filters);
            all.putIfAbsent("wait", PATIENCE_SECONDS);
            all.put("count", count);
            JsonNode answer = readJournal(all);
            if (answer.path("matching").asInt() < count) {
                throw new KassaTimedOut("The journal has " + answer.path("matching") + " entries that match " + filters
                    + ", and not " + count + ", after " + all.get("wait") + " seconds.");
            }
            return Json.list(answer.path("entries"));
        }

        /** Returns the messages that the sandbox did not send, oldest first. */
        public List<JsonNode> inbox() {
            return Json.list(call("GET", "/lab/v1/inbox").path("messages"));
        }

        /** Ends the fraud check of a pending order: accepted. */
        public JsonNode acceptOrder(String orderId) {
            return call("POST", "/lab/v1/orders/" + Json.encoded(orderId) + "/accept");
        }

        /** Ends the fraud check of a pending order: rejected. */
        public JsonNode rejectOrder(String orderId) {
            return call("POST", "/lab/v1/orders/" + Json.encoded(orderId) + "/reject");
        }

        /** Authorizes a payment session without a page. Returns the authorization token. */
        public String approvePaymentSession(String sessionId) {
            String path = "/lab/v1/payment-sessions/" + Json.encoded(sessionId) + "/approve";
            return call("POST", path, Map.of()).path("authorization_token").asText();
        }

        /** Declines a payment session without a page. */
        public void declinePaymentSession(String sessionId) {
            call("POST", "/lab/v1/payment-sessions/" + Json.encoded(sessionId) + "/decline", Map.of());
        }

        /** Deletes the merchant and all its data. */
        public void delete() {
            call("DELETE", "/lab/v1/merchants/" + Json.encoded(merchantId));
        }

        @Override
        public void close() {
            delete();
        }

        private JsonNode readJournal(Map<String, ?> filters) {
            Map<String, Object> all = new HashMap<>(filters);
            all.putIfAbsent("limit", MAXIMUM_ENTRIES);
            String query = all.entrySet().stream().map(one -> one.getKey() + "=" + Json.encoded(one.getValue()))
                .collect(Collectors.joining("&"));
            return call("GET", "/lab/v1/journal?" + query);
        }
    }

    /** A page session, with the actions of its consumer. */
    public static final class PageSession {
        private final Merchant merchant;
        public final String id;
        /** The payment page, for a browser. It is {@code null} unless the kit created the page session. */
        public final String redirectUrl;
        /** The lab's page of this page session, for a browser. */
        public final String labPage;

        private PageSession(Merchant merchant, String id, String redirectUrl) {
            this.merchant = merchant;
            this.id = id;
            this.redirectUrl = redirectUrl;
            this.labPage = merchant.labPage + "/sessions/" + id;
        }

        /** The consumer opens the payment page. Each action returns the page session as a read shows it. */
        public JsonNode enter() {
            return act("enter");
        }

        /** The consumer pays. */
        public JsonNode approve() {
            return act("approve");
        }

        /** The consumer pays with this e-mail address. Some addresses select the outcome of the order. */
        public JsonNode approve(String email) {
            return act("approve", Map.of("email", email));
        }

        /** The payment is declined, for this reason or for {@code null}. */
        public JsonNode decline(String reason) {
            return act("decline", Json.given("reason", reason));
        }

        /** The payment fails technically, for this reason or for {@code null}. */
        public JsonNode error(String reason) {
            return act("error", Json.given("reason", reason));
        }

        /** The consumer presses Back. */
        public JsonNode back() {
            return act("back");
        }

        /** The consumer cancels. In a web shop this is the same as Back. */
        public JsonNode cancel() {
            return act("cancel");
        }

        /** Acts as the consumer: {@code enter}, {@code approve}, {@code decline}, {@code error} and so on. */
        public JsonNode act(String action) {
            return act(action, Map.of());
        }

        private JsonNode act(String action, Map<String, ?> body) {
            return merchant.call("POST", "/lab/v1/sessions/" + Json.encoded(id) + "/" + action, body);
        }

        /** Reads the page session, as your shop would. */
        public JsonNode read() {
            return merchant.call("GET", "/hpp/v1/sessions/" + Json.encoded(id));
        }

        /** Reads the status, such as {@code COMPLETED}. */
        public String status() {
            return read().path("status").asText();
        }

        /** Returns the events, oldest first. */
        public List<JsonNode> history() {
            String path = "/kassa/v1/sessions/" + Json.encoded(id) + "/events";
            return Json.list(merchant.call("GET", path).path("events"));
        }

        /** Waits until Kassa made at least {@code count} attempts of callbacks. Returns their journal entries. */
        public List<JsonNode> waitForCallbacks(int count) {
            return merchant.waitForJournal(count, Map.of("kind", "callback", "session", id));
        }

        /** Waits until at least {@code count} messages with the link were sent, and returns them. */
        public List<JsonNode> waitForMessages(int count) {
            String path = "/hpp/v1/sessions/" + id + "/distribution";
            merchant.waitForJournal(count, Map.of("kind", "call", "method", "POST", "path", path, "status", 201));
            return merchant.inbox().stream().filter(message -> message.path("session_id").asText().equals(id))
                .collect(Collectors.toList());
        }
    }

    /** Kassa could not be found, started or reached, or its answer could not be read. */
    public static class KassaError extends RuntimeException {
        KassaError(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Kassa answered a call with an error. */
    public static final class KassaRefused extends KassaError {
        public final int status;
        /** The code of the error, such as {@code NOT_FOUND}. */
        public final String code;
        public final transient JsonNode body;

        private KassaRefused(String call, int status, JsonNode body) {
            super(call + ": " + status + " " + body.path("error_code").asText() + ": "
                + (body.isObject() ? body.path("error_messages") : body), null);
            this.status = status;
            this.code = body.path("error_code").asText();
            this.body = body;
        }
    }

    /** The journal or the inbox did not show the expected entries in time. */
    public static final class KassaTimedOut extends KassaError {
        private KassaTimedOut(String message) {
            super(message, null);
        }
    }

    /** Calls Kassa with a merchant's credential. */
    private static final class Api {
        /** The longest wait of one call. Kassa itself waits for 60 seconds at most. */
        private static final Duration TIMEOUT = Duration.ofSeconds(75);
        /** An answer that is not JSON is shown in the error up to this length. */
        private static final int SHOWN_CHARACTERS = 200;
        // Calls go to Kassa directly, even if a proxy is configured: it cannot reach the loopback address.
        private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .proxy(HttpClient.Builder.NO_PROXY).build();

        private final String url;
        private final String authorization;

        Api(String url, JsonNode credential) {
            String basic = credential.path("username").asText() + ":" + credential.path("password").asText();
            this.url = url;
            this.authorization = "Basic " + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8));
        }

        /** Makes a call, and returns the JSON of its answer, or a missing node if the answer has no body. */
        JsonNode call(String method, String path, Map<String, ?> body) {
            var publisher = body == null ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(Json.MAPPER.valueToTree(body).toString());
            var request = HttpRequest.newBuilder(URI.create(url + path)).timeout(TIMEOUT).method(method, publisher)
                .header("Authorization", authorization).header("Content-Type", "application/json").build();
            var answer = send(request);
            Optional<JsonNode> parsed = Json.parse(answer.body());
            if (answer.statusCode() >= 400) {
                var error = parsed.orElse(TextNode.valueOf(answer.body()));
                throw new KassaRefused(method + " " + path, answer.statusCode(), error);
            }
            return parsed.orElseThrow(() -> new KassaError(method + " " + path + ": the answer is not JSON: "
                + answer.body().substring(0, Math.min(SHOWN_CHARACTERS, answer.body().length())), null));
        }

        private static HttpResponse<String> send(HttpRequest request) {
            try {
                return CLIENT.sendAsync(request, HttpResponse.BodyHandlers.ofString()).join();
            } catch (CompletionException error) {
                throw new KassaError(request.method() + " " + request.uri() + ": no complete answer from Kassa: "
                    + error.getCause(), error.getCause());
            }
        }
    }

    /** Reads and writes JSON and URLs. */
    private static final class Json {
        private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

        /** Returns a missing node for an empty text, and nothing if the text is not JSON. */
        static Optional<JsonNode> parse(String text) {
            try {
                return Optional.of(text.isEmpty() ? MissingNode.getInstance() : MAPPER.readTree(text));
            } catch (JsonProcessingException notJson) {
                return Optional.empty();
            }
        }

        static List<JsonNode> list(JsonNode array) {
            return StreamSupport.stream(array.spliterator(), false).collect(Collectors.toList());
        }

        /** A field if it has a value, and otherwise nothing. */
        static Map<String, Object> given(String name, Object value) {
            return value == null ? Map.of() : Map.of(name, value);
        }

        static String encoded(Object value) {
            return URLEncoder.encode(String.valueOf(value), StandardCharsets.UTF_8);
        }
    }
}
