// google-auth-library as a program uses it: everything comes from the environment. Prints what it got.
import com.google.auth.oauth2.ComputeEngineCredentials;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.IdTokenProvider;
import com.google.gson.Gson;
import java.util.ArrayList;
import java.util.LinkedHashMap;

public final class Client {
    public static void main(String[] arguments) throws Exception {
        GoogleCredentials credentials = GoogleCredentials.getApplicationDefault();
        // The library asks whether there is a metadata server before it chooses; it has no public call for the question alone.
        boolean detected = credentials instanceof ComputeEngineCredentials;
        ComputeEngineCredentials compute = detected ? (ComputeEngineCredentials) credentials : ComputeEngineCredentials.create();
        ArrayList<IdTokenProvider.Option> options = new ArrayList<>();
        options.add(IdTokenProvider.Option.FORMAT_FULL);
        options.add(IdTokenProvider.Option.LICENSES_TRUE);
        LinkedHashMap<String, Object> report = new LinkedHashMap<>();
        report.put("client", "google-auth-library for Java");
        report.put("detected", detected);
        report.put("email", compute.getAccount());
        report.put("accessToken", compute.refreshAccessToken().getTokenValue());
        report.put("identityToken", compute.idTokenWithAudience(arguments[0], options).getTokenValue());
        System.out.println(new Gson().toJson(report));
    }
}
