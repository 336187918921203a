import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.QuestionDef;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.data.BooleanData;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.StringData;
import org.javarosa.core.model.data.UncastData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormAnswerDataParser;
import org.javarosa.xform.util.XFormUtils;
import org.javarosa.xpath.XPathNodeset;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.XPathExpression;
import org.javarosa.xpath.expr.XPathFuncExpr;

/**
 * JavaRosa, ODK's own engine, driven by lines on standard input: an oracle that nobody here wrote.
 *
 * Fields are separated by tabs; every answer ends with a line "." of its own.
 *
 * form FILE            open a form; seed of nothing, language the default
 * eval EXPRESSION      its kind and value, at the root
 * at PATH EXPRESSION   the same, at a node
 * set PATH VALUE       store an answer
 * add PATH             a new instance of a repeat, at its end
 * remove PATH          one instance of a repeat
 * dump                 every leaf: path, relevant, value, constraint holds
 * choices PATH         the choices on offer: value, label
 */
public class Oracle {
    private static FormDef form;
    private static FormEntryModel model;
    private static final PrintStream OUT = utf8();

    private static PrintStream utf8() {
        try {
            return new PrintStream(System.out, false, "UTF-8");
        } catch (java.io.UnsupportedEncodingException never) {
            throw new IllegalStateException(never);
        }
    }

    public static void main(String[] args) throws Exception {
        new XFormsModule().registerModule();
        new JavaRosaCoreModule().registerModule();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        String line;
        while ((line = in.readLine()) != null) {
            try {
                obey(line.split("\t", -1));
            } catch (Throwable wrong) {
                say("error", String.valueOf(wrong.getMessage()));
            }
            OUT.println(".");
            OUT.flush();
        }
    }

    private static void obey(String[] words) throws Exception {
        switch (words[0]) {
            case "form": open(words[1]); break;
            case "eval": evaluate(TreeReference.rootRef(), words[1]); break;
            case "at": evaluate(place(words[1]), words[2]); break;
            case "set": form.setValue(data(place(words[1]), words[2]), place(words[1]), true); break;
            case "add": form.createNewRepeat(index(words[1], FormEntryController.EVENT_PROMPT_NEW_REPEAT)); break;
            case "remove": form.deleteRepeat(index(words[1], FormEntryController.EVENT_REPEAT)); break;
            case "dump": walk(null, 0); dump(form.getInstance().getRoot()); break;
            case "choices": choices(words[1]); break;
            default: throw new IllegalArgumentException("no command " + words[0]);
        }
    }

    private static void open(String file) throws Exception {
        form = XFormUtils.getFormFromInputStream(new FileInputStream(file));
        form.initialize(true, new InstanceInitializationFactory());
        model = new FormEntryModel(form);
        walk(null, 0);
    }

    private static void evaluate(TreeReference at, String text) throws Exception {
        XPathExpression expression = XPathParseTool.parseXPath(text);
        EvaluationContext context = new EvaluationContext(form.getEvaluationContext(), at);
        Object value = expression.eval(form.getMainInstance(), context);
        if (value instanceof XPathNodeset) {
            XPathNodeset nodes = (XPathNodeset) value;
            List<String> texts = new ArrayList<>();
            texts.add("nodes");
            for (int i = 0; i < nodes.size(); i++) {
                texts.add(XPathFuncExpr.toString(nodes.getValAt(i)));
            }
            say(texts.toArray(new String[0]));
        } else {
            say(value.getClass().getSimpleName(), XPathFuncExpr.toString(value));
        }
    }

    /** An address such as /data/person[2]/age as JavaRosa counts: from 0. */
    private static TreeReference place(String path) {
        TreeReference at = TreeReference.rootRef();
        for (String step : path.substring(1).split("/")) {
            int bracket = step.indexOf('[');
            String name = bracket < 0 ? step : step.substring(0, bracket);
            int position = bracket < 0 ? 1 : Integer.parseInt(step.substring(bracket + 1, step.length() - 1));
            at = at.extendRef(name, position - 1);
        }
        return at;
    }

    private static IAnswerData data(TreeReference at, String text) {
        if (text.isEmpty()) {
            return null;
        }
        TreeElement element = form.getMainInstance().resolveReference(at);
        int type = element.getDataType();
        switch (type) {
            case Constants.DATATYPE_CHOICE:
            case Constants.DATATYPE_MULTIPLE_ITEMS:
            case Constants.DATATYPE_TEXT:
                return new StringData(text);
            default:
                IAnswerData parsed = XFormAnswerDataParser.getAnswerData(text, type, null);
                return parsed == null ? new UncastData(text) : parsed;
        }
    }

    /** Steps through the form as an interviewer does, so that counted repeats get their instances. */
    private static FormIndex walk(String path, int event) {
        FormIndex at = FormIndex.createBeginningOfFormIndex();
        do {
            at = model.incrementIndex(at);
            model.setQuestionIndex(at);
            if (path != null && model.getEvent(at) == event && path.equals(written(at.getReference()))) {
                return at;
            }
        } while (model.getEvent(at) != FormEntryController.EVENT_END_OF_FORM);
        return null;
    }

    private static FormIndex index(String path, int event) {
        FormIndex found = walk(path, event);
        if (found == null) {
            throw new IllegalArgumentException("nothing of that kind at " + path);
        }
        return found;
    }

    /** An address with the position of every step, as the command gives it. */
    private static String written(TreeReference at) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < at.size(); i++) {
            text.append('/').append(at.getName(i)).append('[').append(at.getMultiplicity(i) + 1).append(']');
        }
        return text.toString();
    }

    private static void dump(TreeElement element) {
        if (element.getMult() == TreeReference.INDEX_TEMPLATE) {
            return;
        }
        if (element.getNumChildren() > 0) {
            for (int i = 0; i < element.getNumChildren(); i++) {
                dump(element.getChildAt(i));
            }
            return;
        }
        IAnswerData value = element.getValue();
        boolean holds = value == null || form.evaluateConstraint(element.getRef(), value);
        String text = value == null ? "" : value.uncast().getString();
        if (value instanceof BooleanData) {
            text = XPathFuncExpr.toString(value.getValue()); // as the specification stores it
        }
        say(written(element.getRef()), String.valueOf(element.isRelevant()), text, String.valueOf(holds));
    }

    private static void choices(String path) {
        FormIndex at = index(path, FormEntryController.EVENT_QUESTION);
        FormEntryPrompt prompt = new FormEntryPrompt(form, at);
        for (SelectChoice choice : prompt.getSelectChoices()) {
            say(choice.getValue(), String.valueOf(prompt.getSelectChoiceText(choice)));
        }
    }

    private static void say(String... words) {
        OUT.println(String.join("\t", words).replace("\n", "\\n"));
    }
}
